import { expect } from 'chai';
import type { StoredApiObject } from '../api/object.js';
import type { ClaimedObject, WakeReason } from '../api/work.js';
import type { SpanOptions, Tracer } from '../tracing/tracer.js';
import { WorkerTraces } from './worker-traces.js';

const REQUEST = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const WAKE = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01';
const resource = 'things.example.com';

function claimed(reason: WakeReason, traceparent?: string): ClaimedObject {
  const metadata = { name: 'x', uid: 'u', generation: 1 };
  return {
    resource,
    object: { apiVersion: 'example.com/v1', kind: 'Thing', metadata } as StoredApiObject,
    fence: 1,
    urgent: true,
    failures: 0,
    cause: { reason, ...(traceparent !== undefined && { traceparent }) },
    dueForMs: 2,
  };
}

describe('WorkerTraces', () => {
  let begun: SpanOptions[];
  let traces: WorkerTraces;

  beforeEach(() => {
    begun = [];
    const tracer: Tracer = {
      begin(options) {
        begun.push(options);
        return {
          traceparent: 'own',
          rename: () => undefined,
          set: () => undefined,
          end: () => undefined,
        };
      },
      within: (_span, work) => work(),
      current: () => undefined,
      stop: () => Promise.resolve(),
    };
    traces = new WorkerTraces(tracer);
  });

  const cases: readonly (readonly [WakeReason, Pick<SpanOptions, 'parent' | 'links'>])[] = [
    ['change', { parent: REQUEST, links: [] }],
    ['dependency', { parent: REQUEST, links: [] }],
    ['leaseExpired', { parent: REQUEST, links: [] }],
    ['requeue', { links: [REQUEST] }],
    ['backoff', { links: [REQUEST] }],
  ];
  for (const [reason, want] of cases) {
    it(`${want.parent === undefined ? 'begins a trace with a link after' : 'goes on after'} ${reason}`, () => {
      expect(traces.began(claimed(reason, REQUEST))?.traceparent).to.equal('own');
      const { parent, links } = begun[0] ?? {};
      expect({ ...(parent !== undefined && { parent }), links }).to.deep.equal(want);
    });
  }

  it('links the wake of which a hint told, once', () => {
    traces.hinted([{ resource, uid: 'u', traceparent: WAKE }]);
    traces.began(claimed('change', REQUEST));
    traces.began(claimed('change', REQUEST));
    expect(begun.map(({ links }) => links)).to.deep.equal([[WAKE], []]);
  });

  it('does not follow what no request led to', () => {
    expect(traces.began(claimed('resync'))).to.equal(undefined);
    expect(begun).to.deep.equal([]);
  });
});
