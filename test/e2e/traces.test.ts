import { expect } from 'chai';
import { createClient, readKubeconfig } from '../../client/index.js';
import { eventually } from '../support/eventually.js';
import { startPlane, type Plane } from '../support/plane.js';
import {
  startTraceCollector,
  type CollectedSpan,
  type TraceCollector,
} from '../support/trace-collector.js';
import { workload, workloadCondition } from '../support/workloads.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const FIRST = '00f067aa0ba902b7';
const SECRET = 'marker-of-a-secret-5d7a';
const WORKLOADS = 'workloads.workload.threeport.io';
const INSTANCES = 'workloadinstances.workload.threeport.io';

describe('one trace', function () {
  this.timeout(180_000);
  let collector: TraceCollector;
  let plane: Plane;

  before(async () => {
    collector = await startTraceCollector();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.endpoint;
    process.env['OTEL_BSP_SCHEDULE_DELAY'] = '200';
    plane = await startPlane();
  });
  after(async () => {
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    delete process.env['OTEL_BSP_SCHEDULE_DELAY'];
    await plane?.remove();
    await collector?.stop();
  });

  it('follows one apply to its effects in the cluster', async () => {
    const client = createClient({
      ...(await readKubeconfig(plane.kubeconfigFile)),
      traceparent: () => `00-${TRACE}-${FIRST}-01`,
    });
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'key' },
      stringData: { key: SECRET },
    };
    await client.apply(workload('traced', [secret]), { fieldManager: 'test', force: true });
    client.close();
    await workloadCondition(plane, 'traced', { type: 'Reconciled', status: 'True' });

    const spans = (): CollectedSpan[] => collector.spans.filter(({ traceId }) => traceId === TRACE);
    const below = (parent: string | undefined, name: string, what: object = {}) =>
      eventually(`${name} below ${parent}`, () =>
        spans().find(
          (span) =>
            span.parentSpanId === parent &&
            span.name === name &&
            Object.entries(what).every(([key, value]) =>
              String(span.attributes[key]).includes(String(value)),
            ),
        ),
      );
    const request = await below(FIRST, 'APPLY workloads');
    expect(request.service).to.equal('threeport-server');
    await below(request.spanId, 'commit', { 'threeport.resource': WORKLOADS });
    await below(request.spanId, 'wake', { 'threeport.resource': WORKLOADS });
    const workloadAttempt = await below(request.spanId, `reconcile ${WORKLOADS}`);
    expect(workloadAttempt.service).to.equal('threeport-reconcilers');
    const apply = await below(workloadAttempt.spanId, 'api apply', {
      'threeport.target': 'WorkloadInstance default/traced',
    });
    const applied = await below(apply.spanId, 'APPLY workloadinstances');
    await below(applied.spanId, 'commit', { 'threeport.resource': INSTANCES });
    const instanceAttempt = await below(applied.spanId, `reconcile ${INSTANCES}`);
    await below(instanceAttempt.spanId, 'kube apply', {
      'threeport.nature': 'update',
      'threeport.target': 'Secret',
      'threeport.place': 'sandbox',
    });
    await below(instanceAttempt.spanId, 'commit', { 'threeport.write': 'update' });

    await eventually('every parent is there', () => {
      const known = new Set([FIRST, ...spans().map(({ spanId }) => spanId)]);
      return spans().every(({ parentSpanId }) => known.has(parentSpanId));
    });
    const all = collector.spans.map(({ json }) => json).join('\n');
    expect(all).not.to.include(SECRET);
    expect(all).not.to.include(Buffer.from(SECRET).toString('base64'));
    expect(all).not.to.match(/bearer|authorization/i);
  });
});
