import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../../sdk/api/finalizers.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import type { PropagationPolicy } from './write-request.js';

const POLICY_FINALIZERS: readonly string[] = [ORPHAN_FINALIZER, FOREGROUND_FINALIZER];

/**
 * The finalizers of an object once it is deleted: its own, and the one that stands for the policy.
 * As in Kubernetes the newest deletion says which that is; when it says nothing, a finalizer that is
 * there already does, then the kind.
 */
export function finalizersOnDeletion(
  kind: KindDefinition,
  object: ApiObject,
  asked: PropagationPolicy | undefined,
): string[] {
  const own = (object.metadata.finalizers ?? []).filter(
    (finalizer) => !POLICY_FINALIZERS.includes(finalizer),
  );
  // Nothing depends on an Event.
  if (kind.kind === 'Event' && ['', 'events.k8s.io'].includes(kind.group)) return own;
  switch (asked ?? policyOf(object) ?? defaultPolicy(kind)) {
    case 'Orphan':
      return [...own, ORPHAN_FINALIZER];
    case 'Foreground':
      return [...own, FOREGROUND_FINALIZER];
    case 'Background':
      return own;
  }
}

/** The policy that the object's finalizers stand for, if they do for one. */
export function policyOf({ metadata }: ApiObject): PropagationPolicy | undefined {
  const { finalizers = [] } = metadata;
  if (finalizers.includes(ORPHAN_FINALIZER)) return 'Orphan';
  return finalizers.includes(FOREGROUND_FINALIZER) ? 'Foreground' : undefined;
}

/** Kubernetes' batch/v1 Jobs leave their Pods behind unless asked not to. */
function defaultPolicy({ group, kind }: KindDefinition): PropagationPolicy {
  return group === 'batch' && kind === 'Job' ? 'Orphan' : 'Background';
}
