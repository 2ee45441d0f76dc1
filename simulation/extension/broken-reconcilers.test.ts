import { expect } from 'chai';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { ensureGone, ensureObject } from '../../sdk/kube/ensure-object.js';
import { findRuntime } from '../../sdk/kube/find-runtime.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import {
  done,
  ReconcileError,
  requeueAfter,
  waitingFor,
  type ReconcileContext,
  type ReconciledObject,
  type Reconciler,
  type ReconcileResult,
} from '../../sdk/runtime/reconciler.js';
import { conformanceCases } from './conformance.js';
import type { Extension } from './extension.js';
import { simulateSeed } from './simulate.js';

const CRD = JSON.stringify({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'notes.example.com',
    annotations: {
      'threeport.io/reconciled': 'true',
      'threeport.io/finalizer': 'notes.example.com/cleanup',
      'threeport.io/references': JSON.stringify([
        {
          jsonPath: '.spec.runtime',
          group: 'kubernetes.threeport.io',
          kind: 'KubernetesRuntimeInstance',
        },
      ]),
    },
  },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'notes', kind: 'Note' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: { text: { type: 'string' }, runtime: { type: 'string' } },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
});

interface NoteSpec {
  readonly text: string;
  readonly runtime: string;
}
interface NoteStatus {
  name?: string;
  token?: string;
}
type Note = ReconciledObject<NoteSpec, NoteStatus>;
type Context = ReconcileContext<NoteStatus>;

/** What there are two of: a reconcile that dies between them is seen. */
function partsOf({ metadata, spec }: Note): readonly [ApiObject, ApiObject] {
  const part = (name: string): ApiObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${metadata.uid}-${name}`, namespace: 'default' },
    data: { text: spec.text },
  });
  return [part('first'), part('second')];
}

const refOf = ({ apiVersion, kind, metadata }: ApiObject) => ({ apiVersion, kind, ...metadata });

async function inCluster(
  note: Note,
  ctx: Context,
  act: (kube: KubePort) => Promise<ReconcileResult>,
): Promise<ReconcileResult> {
  const runtime = await findRuntime(note.spec.runtime, ctx);
  if ('missing' in runtime) return waitingFor(runtime.missing.reason, runtime.missing.message);
  return act(runtime.kube);
}

async function ensureAll(kube: KubePort, objects: readonly ApiObject[]): Promise<ReconcileResult> {
  for (const object of objects) await ensureObject(kube, object);
  return requeueAfter(60_000);
}

async function removeAll(kube: KubePort, objects: readonly ApiObject[]): Promise<ReconcileResult> {
  for (const object of objects) {
    if (!(await ensureGone(kube, refOf(object)))) return requeueAfter(1_000);
  }
  return done;
}

const right: Reconciler<NoteSpec, NoteStatus> = {
  resource: 'notes.example.com',
  reconcile: (note, ctx) => inCluster(note, ctx, (kube) => ensureAll(kube, partsOf(note))),
  cleanUp: (note, ctx) => inCluster(note, ctx, (kube) => removeAll(kube, partsOf(note))),
};

function extensionOf(reconciler: Reconciler<NoteSpec, NoteStatus>): Extension {
  const seen = ({ metadata, ...rest }: ApiObject) =>
    `${metadata.name}=${JSON.stringify(rest['data'])}`;
  return {
    crd: CRD,
    reconciler: reconciler as Reconciler,
    object: (name, turn, runtime) => ({
      apiVersion: 'example.com/v1',
      kind: 'Note',
      metadata: { name },
      spec: { text: `turn ${turn}`, runtime },
    }),
    complaints(notes: readonly StoredApiObject[], cluster) {
      const wanted = (notes as Note[]).flatMap(partsOf).map(seen).toSorted();
      const found = cluster.map(seen).toSorted();
      return `${wanted}` === `${found}` ? [] : [`[${found}] in place of [${wanted}]`];
    },
  };
}

let count = 0;
const broken: {
  readonly name: string;
  readonly bug: Partial<Reconciler<NoteSpec, NoteStatus>>;
  /** Of the name of a case that must fail. */
  readonly found: RegExp;
}[] = [
  {
    name: 'ForgetsToCleanUp',
    bug: { cleanUp: () => Promise.resolve(done) },
    found: /^deleted: nothing is left/,
  },
  {
    name: 'CleansUpHalf',
    bug: {
      cleanUp: (note, ctx) => inCluster(note, ctx, (kube) => removeAll(kube, [partsOf(note)[0]])),
    },
    found: /^deleted: nothing is left/,
  },
  {
    name: 'SwallowsFailuresOfCleanUp',
    bug: {
      cleanUp: async (note, ctx) => (await right.cleanUp?.(note, ctx).catch(() => done)) ?? done,
    },
    found: /^clean-up fails at every call/,
  },
  {
    name: 'AppliesBlindly',
    bug: {
      reconcile: (note, ctx) =>
        inCluster(note, ctx, async (kube) => {
          for (const object of partsOf(note)) await kube.apply(object);
          return done;
        }),
    },
    found: /^twice is once/,
  },
  {
    name: 'MakesOnlyWhatIsMissing',
    bug: {
      reconcile: (note, ctx) =>
        inCluster(note, ctx, async (kube) => {
          for (const object of partsOf(note)) {
            if ((await kube.find(refOf(object))) === undefined) await kube.apply(object);
          }
          return done;
        }),
    },
    found: /^drifted \(edit\)/,
  },
  {
    name: 'BelievesItsStatus',
    bug: {
      reconcile: (note, ctx) =>
        inCluster(note, ctx, async (kube) => {
          if (ctx.status.name === note.spec.text) return done;
          ctx.status.name = note.spec.text;
          return ensureAll(kube, partsOf(note));
        }),
    },
    found: /^drifted \(delete\)/,
  },
  {
    name: 'GivesThingsNewNames',
    bug: {
      reconcile: (note, ctx) =>
        inCluster(note, ctx, async (kube) => {
          const [first, second] = partsOf(note);
          const name = `${note.metadata.uid}-${ctx.status.token ?? `first-${count++}`}`;
          await ensureObject(kube, { ...first, metadata: { ...first.metadata, name } });
          ctx.status.token = 'first';
          return ensureAll(kube, [first, second]);
        }),
    },
    found: /^first time/,
  },
  {
    name: 'PollsForItsRuntime',
    bug: {
      reconcile: async (note, ctx) => {
        const result = await right.reconcile(note, ctx);
        return result.outcome === 'waiting' ? { ...result, requeueAfterMs: 1_000 } : result;
      },
    },
    found: /^runtime missing/,
  },
  {
    name: 'FailsWithoutItsRuntime',
    bug: {
      reconcile: async (note, ctx) => {
        const result = await right.reconcile(note, ctx);
        if (result.outcome === 'waiting') throw new ReconcileError('Missing', result.message);
        return result;
      },
    },
    found: /^runtime not ready/,
  },
  {
    name: 'ResumesWhereItNeverWas',
    bug: {
      reconcile: (note, ctx) =>
        inCluster(note, ctx, async (kube) => {
          const [first, second] = partsOf(note);
          if (ctx.status.token === undefined) {
            ctx.status.token = 'applied';
            await ctx.checkpoint();
            await ensureObject(kube, first);
          }
          return ensureAll(kube, [second]);
        }),
    },
    found: /^crash after every effect: nothing is lost/,
  },
];

describe('trying a reconciler', function () {
  this.timeout(60_000);

  async function failuresOf(extension: Extension): Promise<string[]> {
    const failed: string[] = [];
    for (const { name, run } of conformanceCases(extension)) {
      await run().catch(() => failed.push(name));
    }
    return failed;
  }

  it('finds nothing wrong with one that is right', async () => {
    const extension = extensionOf(right);
    expect(await failuresOf(extension)).to.deep.equal([]);
    for (let seed = 1; seed <= 3; seed++) {
      expect((await simulateSeed(extension, seed)).violations, `seed ${seed}`).to.deep.equal([]);
    }
  });

  for (const { name, bug, found } of broken) {
    it(`finds out one that ${name.replaceAll(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`).trim()}`, async () => {
      const failed = await failuresOf(extensionOf({ ...right, ...bug }));
      expect(
        failed.some((each) => found.test(each)),
        failed.join(', '),
      ).to.equal(true);
    });
  }

  for (const name of ['ForgetsToCleanUp', 'BelievesItsStatus']) {
    it(`a story finds out one that ${name}`, async () => {
      const bug = broken.find((each) => each.name === name)?.bug;
      const extension = extensionOf({ ...right, ...bug });
      const told: string[] = [];
      for (let seed = 1; seed <= 10 && told.length === 0; seed++) {
        told.push(...(await simulateSeed(extension, seed)).violations);
      }
      expect(told).not.to.deep.equal([]);
    });
  }
});
