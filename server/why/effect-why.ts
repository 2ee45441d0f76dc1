import { ApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { Why } from '../../sdk/api/why.js';
import type { AttemptRef } from '../../sdk/api/work.js';
import { objectNotFound } from '../api-errors.js';
import { addCauses, answerOf } from './object-why.js';
import { isOfKind } from './target-match.js';
import { attemptKey, WhyCollection } from './why-collection.js';
import type { WhyOptions, WhySources } from './why-collection.js';

/** Something in a cluster, as people name it. */
export interface OutsideTarget {
  /** The kind of `place`. */
  readonly runtime: KindDefinition;
  /** Name of the KubernetesRuntimeInstance. */
  readonly place: string;
  /** `deployment`, `deployments.apps`, `deploy`. */
  readonly kind: string;
  /** Ignored for what is in no namespace. */
  readonly namespace: string;
  readonly name: string;
}

const MAX_EFFECTS = 300;

/**
 * Who did what to something in a cluster: the attempts, and what caused those.
 *
 * @throws ApiError NotFound when the journal knows of nothing that was done to it.
 */
export async function whyOutside(
  sources: WhySources,
  { runtime, place, kind, namespace, name }: OutsideTarget,
  options: WhyOptions,
): Promise<Why> {
  const entries = await sources.store.journaled({
    place,
    names: [`${namespace}/${name}`, name],
    limit: MAX_EFFECTS,
  });
  const done = entries.filter(({ target }) => isOfKind(target, kind));
  if (done.length === 0) {
    const isThere = (await sources.store.get(runtime, '', place)) !== undefined;
    if (!isThere) throw objectNotFound(runtime, place);
    const message = `the journal knows of nothing done to ${kind} "${name}" in namespace "${namespace}" of runtime "${place}"`;
    throw new ApiError('NotFound', message, { details: { name, kind } });
  }
  const refs = new Map<string, AttemptRef>(done.map((entry) => [attemptKey(entry), entry]));
  const shown = new Set([...refs.keys()].slice(0, options.limit));
  const collection = new WhyCollection(sources, options);
  collection.truncated = refs.size > shown.size || entries.length === MAX_EFFECTS;
  await collection.addAttempts([...refs.values()].slice(0, options.limit));
  collection.addEffects(done.filter((entry) => shown.has(attemptKey(entry))));
  await addCauses(collection);
  return answerOf(collection);
}
