import { findCondition } from '../../sdk/api/condition.js';
import type {
  ResourceHealth,
  WorkloadInstanceStatus,
  WorkloadReportStatus,
} from '../../sdk/api/zz_generated.types.js';
import { refKey } from './resource-ref.js';

/** What one attempt knows before it has looked at the cluster. */
export interface KnownBefore {
  /** As the last attempt that ended left it. */
  readonly status: WorkloadInstanceStatus | undefined;
  readonly generation: number;
  readonly definitionGeneration: number;
  /** Of the manifests as they are wanted now. */
  readonly appliedHash: string;
  readonly report: WorkloadReportStatus | undefined;
  /** Why the agent cannot be relied on; undefined when it is connected. */
  readonly agentLost: string | undefined;
}

/**
 * The resources that are in the cluster as their manifests want them, shown without reading one: the
 * revision that was found to be right is the one that the agent, which watches, says is there. By
 * `refKey`, with that revision. A state that nobody has compared has another revision, so whatever
 * was done to a resource leads to a look at it. After an edit or a failure nothing is taken for
 * granted. Pure.
 */
export function stillVerified(known: KnownBefore): ReadonlyMap<string, string> {
  const { status, report, agentLost } = known;
  if (agentLost !== undefined || !wasAllRight(known)) return new Map();
  const reported = new Map((report?.resources ?? []).map((seen) => [refKey(seen), seen]));
  return new Map(
    (status?.resources ?? []).flatMap((resource): [string, string][] => {
      const key = refKey(resource);
      const { verified } = resource;
      const isSame = verified !== undefined && revisionOf(reported.get(key)) === verified;
      return isSame ? [[key, verified]] : [];
    }),
  );
}

/** Whether the last attempt ended well, and what it was about is what is wanted now. */
function wasAllRight(known: KnownBefore): boolean {
  const { status, generation, definitionGeneration, appliedHash } = known;
  const reconciled = findCondition(status?.conditions, 'Reconciled');
  return (
    reconciled?.status === 'True' &&
    reconciled.observedGeneration === generation &&
    status?.observedGeneration === generation &&
    status.definitionGeneration === definitionGeneration &&
    status.appliedHash === appliedHash
  );
}

/** In which the agent sees the resource now; undefined when it does not see it. */
function revisionOf(seen: ResourceHealth | undefined): string | undefined {
  return seen?.health === 'Missing' || seen?.health === 'Unknown' ? undefined : seen?.revision;
}
