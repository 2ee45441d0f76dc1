import { isApiError, isNotFound } from '../../sdk/api/errors.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { resourceRevision } from '../../sdk/kube/resource-revision.js';
import { sameButForServerFields } from '../../sdk/kube/same-object.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import { inApplyOrder } from './apply-order.js';
import { belongsTo } from './decorate.js';
import type { DesiredResource } from './desired-state.js';
import { compareWithLive } from './drift.js';
import { hideValues } from '../../sdk/ports/hide-values.js';
import { mapLimited } from '../../sdk/map-limited.js';
import { refKey, refOf } from './resource-ref.js';

/**
 * - `unchanged`: nothing was written.
 * - `applied`: written; `moved` when the cluster acts on it (its generation moved, or it is new).
 *   `verified` of both: the revision that was seen to be as wanted, if it was.
 * - `awaited`: the cluster is not ready for it yet: its CustomResourceDefinition was only just applied,
 *   or its predecessor is still terminating.
 * - `failed`: with the cluster's own words.
 */
export type ApplyOutcome =
  | { readonly state: 'unchanged'; readonly verified: string | undefined }
  | { readonly state: 'applied'; readonly verified: string | undefined; readonly moved: boolean }
  | { readonly state: 'awaited'; readonly message: string }
  | { readonly state: 'failed'; readonly message: string };

/** Calls to one cluster at once, for one instance. */
export const maxConcurrentCalls = 8;

export interface ApplyResourcesOptions {
  readonly instanceUid: string;
  /** A namespace that is not there yet: what belongs in it need not be looked for. */
  readonly newNamespace?: string;
  /** Resources that are known to be as wanted and need no look, with their revision; by `refKey`. */
  readonly verified: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
}

/**
 * Makes the cluster hold each resource as desired: phase after phase, the resources of a phase at
 * once. Reads first what needs a look, and writes only what differs. One that is refused does not
 * stop the others. Outcomes by `refKey`.
 *
 * @throws ApiError when the cluster as a whole refuses or cannot be reached; the reason of `signal`
 *   when it aborts.
 */
export async function applyResources(
  kube: KubePort,
  resources: readonly DesiredResource[],
  options: ApplyResourcesOptions,
): Promise<ReadonlyMap<string, ApplyOutcome>> {
  const byObject = new Map(resources.map((resource) => [resource.object, resource]));
  const outcomes = new Map<string, ApplyOutcome>();
  const { instanceUid, signal } = options;
  const sights = await readAll(kube, resources, options);
  for (const phase of inApplyOrder(resources.map(({ object }) => object))) {
    const ofPhase = phase.flatMap((object) => byObject.get(object) ?? []);
    const results = await mapLimited(ofPhase, maxConcurrentCalls, (resource) => {
      signal.throwIfAborted();
      return applyResource(kube, resource, sights.get(resource.object), instanceUid);
    });
    for (const [index, { object }] of ofPhase.entries()) {
      const outcome = results[index];
      if (outcome !== undefined) outcomes.set(refKey(refOf(object)), outcome);
    }
  }
  return outcomes;
}

/** The namespace itself, or something in it. */
function isOfNamespace({ apiVersion, kind, metadata }: ApiObject, namespace: string): boolean {
  const isNamespace = apiVersion === 'v1' && kind === 'Namespace';
  return (isNamespace ? metadata.name : metadata.namespace) === namespace;
}

/**
 * A resource as it was before anything was written, why it could not be read, or that it need not be
 * looked at.
 */
type Sight =
  | { readonly live: StoredApiObject | undefined }
  | { readonly error: unknown }
  | { readonly verified: string };

/** Looks at every resource of a known kind at once, so that phases wait for writes only. */
async function readAll(
  kube: KubePort,
  resources: readonly DesiredResource[],
  { newNamespace, verified, signal }: ApplyResourcesOptions,
): Promise<ReadonlyMap<ApiObject, Sight>> {
  const known = resources.filter(({ served }) => served === 'known');
  const sights = await mapLimited(known, maxConcurrentCalls, ({ object }): Promise<Sight> => {
    signal.throwIfAborted();
    if (newNamespace !== undefined && isOfNamespace(object, newNamespace)) {
      return Promise.resolve({ live: undefined });
    }
    const revision = verified.get(refKey(refOf(object)));
    if (revision !== undefined) return Promise.resolve({ verified: revision });
    return kube.find(refOf(object)).then(
      (live) => ({ live }),
      (error: unknown) => ({ error }),
    );
  });
  return new Map(
    known.flatMap(({ object }, index): [ApiObject, Sight][] => {
      const sight = sights[index];
      return sight === undefined ? [] : [[object, sight]];
    }),
  );
}

async function applyResource(
  kube: KubePort,
  { object, served }: DesiredResource,
  sight: Sight | undefined,
  instanceUid: string,
): Promise<ApplyOutcome> {
  try {
    // A kind on its way may have come since the scopes were read.
    if (served !== 'known' && (await kube.resource(object.apiVersion, object.kind)) === undefined) {
      const message = `no matches for kind "${object.kind}" in version "${object.apiVersion}"`;
      return { state: served === 'coming' ? 'awaited' : 'failed', message };
    }
    if (sight !== undefined && 'verified' in sight) {
      return { state: 'unchanged', verified: sight.verified };
    }
    if (sight !== undefined && 'error' in sight) throw sight.error;
    const live = sight === undefined ? await kube.find(refOf(object)) : sight.live;
    return await applyIfDifferent(kube, object, live, instanceUid);
  } catch (error) {
    if (!isApiError(error) || isOfWholeCluster(error)) throw error;
    if (served === 'coming' && isNotFound(error)) {
      return { state: 'awaited', message: error.message };
    }
    return { state: 'failed', message: hideValues(error.message, object) };
  }
}

async function applyIfDifferent(
  kube: KubePort,
  object: ApiObject,
  live: StoredApiObject | undefined,
  instanceUid: string,
): Promise<ApplyOutcome> {
  if (live === undefined) {
    return applied(object, await kube.apply(object), true);
  }
  if (!belongsTo(live, instanceUid)) {
    return {
      state: 'failed',
      message:
        'it exists already and does not belong to this workload instance; ' +
        'delete it from the cluster or give it another name or namespace',
    };
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    return { state: 'awaited', message: 'it is being deleted; it is made again once it is gone' };
  }
  const difference = compareWithLive(object, live);
  const unchanged: ApplyOutcome = { state: 'unchanged', verified: resourceRevision(live) };
  if (difference === 'same') return unchanged;
  if (difference === 'unclear') {
    const wouldBe = await kube.dryRunApply(object);
    if (sameButForServerFields(wouldBe, live)) return unchanged;
  }
  const now = await kube.apply(object);
  return applied(object, now, now.metadata.generation !== live.metadata.generation);
}

/** The answer to an apply is as good as a read, when it says what was asked for. */
function applied(object: ApiObject, now: StoredApiObject, moved: boolean): ApplyOutcome {
  const isAsWanted = compareWithLive(object, now) === 'same';
  return { state: 'applied', verified: isAsWanted ? resourceRevision(now) : undefined, moved };
}

/** Reasons that hold for the cluster as a whole, so that trying the next resource is in vain. */
const OF_WHOLE_CLUSTER: ReadonlySet<string> = new Set([
  'ServiceUnavailable',
  'Timeout',
  'TooManyRequests',
  'Unauthorized',
]);

/** Whether the cluster as a whole does not do what it is asked for. */
export function isOfWholeCluster(error: unknown): boolean {
  return isApiError(error) && OF_WHOLE_CLUSTER.has(error.reason);
}
