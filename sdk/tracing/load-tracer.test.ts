import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const dist = join(import.meta.dirname, '../..');

/** What a process has loaded of OpenTelemetry that runs servers and workers in this environment. */
async function loaded(env: Record<string, string>): Promise<{ traces: boolean; files: number }> {
  const urlOf = (file: string): string => JSON.stringify(pathToFileURL(join(dist, file)).href);
  const program = `
    import { createRequire } from 'node:module';
    await import(${urlOf('server/control-plane.js')});
    await import(${urlOf('sdk/run/run-reconcilers.js')});
    const { loadTracer } = await import(${urlOf('sdk/tracing/load-tracer.js')});
    const tracer = await loadTracer(process.env, 'test');
    const files = Object.keys(createRequire(${urlOf('index.js')}).cache);
    const ours = files.filter((file) => file.includes('@opentelemetry')).length;
    console.log(JSON.stringify({ traces: tracer !== undefined, files: ours }));
    process.exit(0);`;
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 60_000 });
  return JSON.parse(stdout) as { traces: boolean; files: number };
}

describe('loadTracer', function () {
  this.timeout(120_000);
  const endpoint = 'http://127.0.0.1:1';
  const cases: readonly (readonly [reason: string, env: Record<string, string>])[] = [
    ['no endpoint is named', {}],
    ['the endpoint is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    ['it is switched off', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'true' }],
    [
      'traces are not exported',
      { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none' },
    ],
  ];
  for (const [reason, env] of cases) {
    it(`loads nothing of OpenTelemetry when ${reason}`, async () => {
      expect(await loaded(env)).to.deep.equal({ traces: false, files: 0 });
    });
  }

  it('loads it for an endpoint, also for one of traces alone', async () => {
    const { traces, files } = await loaded({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint });
    expect(traces).to.equal(true);
    expect(files).to.be.greaterThan(0);
  });
});
