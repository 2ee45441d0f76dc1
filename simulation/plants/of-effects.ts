import { randomUUID } from 'node:crypto';
import type { Completion } from '../../sdk/api/work.js';
import { instead } from './instead.js';
import type { Plant, Substitutes } from './plant.js';

export const plantsOfEffects: readonly Plant[] = [
  {
    name: 'random-names',
    bug: 'each attempt gives what it makes a name of its own',
    plant: () => ({
      kube: (port) =>
        instead(port, {
          apply: async (object) => {
            if (object.kind !== 'Namespace' || (await port.find(refOf(object))) !== undefined) {
              return port.apply(object);
            }
            const name = `${object.metadata.name}-${randomUUID().slice(0, 5)}`;
            await port.apply({ ...object, metadata: { ...object.metadata, name } });
            return port.apply(object);
          },
        }),
    }),
  },
  {
    name: 'retry-without-token',
    bug: 'a create that was not answered is asked for again under another token',
    plant: () => ({
      cloud: (port) => ({
        ...port,
        findByToken: async () => undefined,
        create: (machine) => port.create({ ...machine, token: randomUUID() }),
      }),
    }),
  },
  {
    name: 'machine-intent-forgotten',
    bug: 'the token of a create is not noted down before it',
    plant: () => forgetCheckpoints('machines.simulation.threeport.io'),
  },
  {
    name: 'inventory-intent-forgotten',
    bug: 'what is about to be applied is not noted down before it',
    plant: () => forgetCheckpoints('workloadinstances.workload.threeport.io'),
  },
  {
    name: 'refusal-ignored',
    bug: 'an apply that fails is taken for done',
    plant: () => ({
      kube: (port) =>
        instead(port, {
          apply: (object) => port.apply(object).catch(() => object as never),
        }),
    }),
  },
  {
    name: 'prune-forgotten',
    bug: 'what left the definition stays in the cluster',
    plant: () => ({
      kube: (port) =>
        instead(port, {
          list: async () => [],
          delete: async (ref, uid) => {
            if (ref.kind === 'Namespace') await port.delete(ref, uid);
          },
        }),
    }),
  },
  {
    name: 'unreachable-is-gone',
    bug: 'what cannot be read counts as not there',
    plant: () => ({
      kube: (port) =>
        instead(port, {
          find: (ref) => port.find(ref).catch(() => undefined),
          delete: (ref, uid) => port.delete(ref, uid).catch(() => undefined),
        }),
    }),
  },
];

/** Checkpoints of this kind are acknowledged and not kept. */
function forgetCheckpoints(resource: string): Substitutes {
  const isForgotten = (each: Completion): boolean =>
    each.resource === resource && each.checkpoint !== undefined;
  return {
    client: (client) =>
      instead(client, {
        complete: async (request, options) => {
          const kept = request.completions.filter((each) => !isForgotten(each));
          const { results } =
            kept.length === 0
              ? { results: [] }
              : await client.complete({ ...request, completions: kept }, options);
          const answers = [...results];
          return {
            results: request.completions.flatMap((each) =>
              isForgotten(each)
                ? { uid: each.uid, outcome: 'done' as const }
                : (answers.shift() ?? []),
            ),
          };
        },
      }),
  };
}

function refOf({
  apiVersion,
  kind,
  metadata: { name },
}: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}) {
  return { apiVersion, kind, name };
}
