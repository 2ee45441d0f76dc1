import type { ApiObject, StoredApiObject } from '../api/object.js';
import type { KubeObjectRef, KubePort } from '../ports/kube-port.js';
import { sameButForServerFields } from './same-object.js';

/**
 * Makes the cluster hold what `object` says, and answers what it holds then. Reads first, by a dry
 * run, and writes only when something would change: a drifted field, or one that an earlier apply
 * had and this one does not. Fields of others stay.
 *
 * @throws ApiError as `apply` does.
 */
export async function ensureObject(kube: KubePort, object: ApiObject): Promise<StoredApiObject> {
  const live = await kube.find(refOf(object));
  if (live !== undefined && sameButForServerFields(await kube.dryRunApply(object), live)) {
    return live;
  }
  return kube.apply(object);
}

/** Asks for the deletion of an object that is there. True once there is none. */
export async function ensureGone(kube: KubePort, ref: KubeObjectRef): Promise<boolean> {
  const live = await kube.find(ref);
  if (live === undefined) return true;
  if (live.metadata.deletionTimestamp === undefined) await kube.delete(ref, live.metadata.uid);
  // Most kinds are gone at once, which saves a second attempt.
  return (await kube.find(ref)) === undefined;
}

function refOf({ apiVersion, kind, metadata: { namespace, name } }: ApiObject): KubeObjectRef {
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) };
}
