import type { ApiObject } from '../../sdk/api/object.js';
import { appliedHashAnnotation } from './decorate.js';

/**
 * What a comparison of a decorated manifest with the live object says:
 *
 * - `same`: every field of the manifest is there as it was written.
 * - `edited`: the manifest is another than the one applied last.
 * - `unclear`: a field looks different, because somebody changed it, or only because the cluster
 *   writes it in another way (`1000m` is `1`). A dry run tells which.
 */
export type Difference = 'same' | 'edited' | 'unclear';

export function compareWithLive(desired: ApiObject, live: ApiObject): Difference {
  const hash = desired.metadata.annotations?.[appliedHashAnnotation];
  if (live.metadata.annotations?.[appliedHashAnnotation] !== hash) return 'edited';
  return isSubset(desired, live) ? 'same' : 'unclear';
}

/** Whether all fields of `part` are in `whole` with the same values; lists must be equally long. */
export function isSubset(part: unknown, whole: unknown): boolean {
  if (part === null) return whole === null || whole === undefined;
  if (Array.isArray(part)) {
    return (
      Array.isArray(whole) &&
      part.length === whole.length &&
      part.every((item, index) => isSubset(item, whole[index]))
    );
  }
  if (typeof part !== 'object') return part === whole;
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return false;
  return Object.entries(part).every(([field, value]) =>
    isSubset(value, (whole as Record<string, unknown>)[field]),
  );
}
