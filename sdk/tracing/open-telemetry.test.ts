import { expect } from 'chai';
import { startTraceCollector, type TraceCollector } from '../../test/support/trace-collector.js';
import { createOpenTelemetry } from './open-telemetry.js';
import { traced, type Tracer } from './tracer.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const VARIABLES = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_SERVICE_NAME', 'OTEL_TRACES_SAMPLER'];

describe('a tracer by OpenTelemetry', () => {
  let collector: TraceCollector;
  let tracer: Tracer;

  const start = (env: Record<string, string> = {}): Tracer => {
    Object.assign(process.env, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...env });
    return (tracer = createOpenTelemetry('threeport-test'));
  };
  beforeEach(async () => {
    collector = await startTraceCollector();
  });
  afterEach(async () => {
    for (const name of VARIABLES) delete process.env[name];
    await tracer?.stop();
    await collector.stop();
  });

  it('goes on with a trace, and puts what is awaited below what awaits it', async () => {
    start();
    const outer = tracer.begin({ name: 'outer', kind: 'server', parent: PARENT });
    await tracer.within(outer, async () => {
      await new Promise(setImmediate);
      expect(tracer.current()).to.equal(outer.traceparent);
      await traced(tracer, { name: 'inner', kind: 'client' }, async () => undefined);
    });
    expect(tracer.current()).to.equal(undefined);
    outer.end();
    await tracer.stop();
    const [inner, span] = collector.spans;
    expect(inner).to.include({ name: 'inner', traceId: TRACE, parentSpanId: span?.spanId });
    expect(span).to.include({ traceId: TRACE, parentSpanId: 'b7ad6b7169203331' });
    expect(span?.service).to.equal('threeport-test');
  });

  it('says why something failed in a word, never in its text', async () => {
    start();
    const failure = new TypeError('the token is s3cr3t');
    const failed = await traced(tracer, { name: 'x', kind: 'internal' }, () =>
      Promise.reject(failure),
    ).catch((error: unknown) => error);
    expect(failed).to.equal(failure);
    await tracer.stop();
    expect(collector.spans[0]?.attributes).to.deep.equal({ 'error.type': 'TypeError' });
    expect(collector.spans[0]?.json).not.to.include('s3cr3t');
  });

  it('samples and is named as the standard variables say', async () => {
    start({ OTEL_TRACES_SAMPLER: 'parentbased_always_off', OTEL_SERVICE_NAME: 'mine' });
    const own = tracer.begin({ name: 'own', kind: 'server' });
    expect(own.traceparent).to.match(/-00$/);
    own.end();
    tracer.begin({ name: 'asked for', kind: 'server', parent: PARENT }).end();
    await tracer.stop();
    expect(collector.spans.map(({ name, service }) => [name, service])).to.deep.equal([
      ['asked for', 'mine'],
    ]);
  });

  it('stops in time though nobody takes the spans', async () => {
    start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    tracer.begin({ name: 'lost', kind: 'server' }).end();
    const begunMs = performance.now();
    await tracer.stop();
    expect(performance.now() - begunMs).to.be.below(10_000);
  });
});
