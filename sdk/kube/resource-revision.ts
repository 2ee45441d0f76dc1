import { createHash } from 'node:crypto';
import type { ApiObject, ObjectMeta } from '../api/object.js';

/** Rewritten with every rollout, or by every kubectl apply, whatever else that changes. */
const UNSTEADY_ANNOTATIONS = new Set([
  'deployment.kubernetes.io/revision',
  'kubectl.kubernetes.io/last-applied-configuration',
]);
const DIGEST_LENGTH = 10;

/**
 * Names the state of an object in a cluster, as far as a manifest can say it: two objects with the
 * same revision are one object in one state, its status aside. Moves with `spec`, labels,
 * annotations (but for those that are rewritten all the time), finalizers, owners and deletion, and
 * stays when only the status is written. Where there is no generation that counts the changes of a
 * `spec`, it is the `resourceVersion`, which moves with everything. Undefined for an object that no
 * server has stored.
 */
export function resourceRevision({ metadata, spec }: ApiObject): string | undefined {
  const { generation, resourceVersion } = metadata;
  // Without a spec a generation may stand still whatever is changed: that of a PriorityClass does.
  if (generation === undefined || spec === undefined) return resourceVersion;
  return `${generation}-${digestOf(metadata)}`;
}

/** Whether no change of `spec` lies between two revisions of one object. */
export function isSameGeneration(a: string | undefined, b: string | undefined): boolean {
  return a?.split('-', 1)[0] === b?.split('-', 1)[0];
}

function digestOf(metadata: ObjectMeta): string {
  const { uid, labels, annotations, finalizers, ownerReferences, deletionTimestamp } = metadata;
  const said = [
    uid,
    inOrder(labels),
    inOrder(annotations).filter(([name]) => !UNSTEADY_ANNOTATIONS.has(name)),
    finalizers ?? [],
    ownerReferences ?? [],
    deletionTimestamp,
  ];
  return createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, DIGEST_LENGTH);
}

function inOrder(map: Readonly<Record<string, string>> | undefined): [string, string][] {
  return Object.entries(map ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
