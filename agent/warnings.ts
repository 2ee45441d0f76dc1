import type { InvolvedObject, KeptEvent } from './kept-event.js';
import type { InventoryEntry } from './tracked-instance.js';

/** One entry of a report's `warnings`. */
export interface Warning {
  readonly resource: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly lastSeen?: string;
}

const MAX_WARNINGS = 10;
/** Of a warning that repeats; one that came once is told to the second. */
const REPEATED_STEP_MS = 60_000;

/** Kinds that controllers make for others, with a name that begins with that of their owner. */
const DERIVED_KINDS = new Set(['Pod', 'ReplicaSet', 'Job', 'ControllerRevision', 'Endpoints']);

/**
 * The newest ten warnings, one per resource and reason. Their counts are added up, and what counts
 * up all the time is told in steps (its `lastSeen` in minutes, `count` as 1, 2, 5, 10, 20, 50 and so
 * on), so that a report changes when there is something new to read.
 */
export function foldWarnings(events: readonly KeptEvent[]): Warning[] {
  const folded = new Map<string, KeptEvent>();
  for (const event of events) {
    if (!event.isWarning) continue;
    const key = `${resourceOf(event)} ${event.reason}`;
    const other = folded.get(key);
    folded.set(key, other === undefined ? event : merge(other, event));
  }
  return [...folded.values()]
    .sort((a, b) => b.lastSeenMs - a.lastSeenMs)
    .slice(0, MAX_WARNINGS)
    .map(toWarning)
    .sort(newestFirst);
}

/**
 * Whether an event is about something of this workload instance: a resource of its inventory or one
 * of its pods by uid or by name, or what a controller made for such a resource, which may be gone.
 */
export function isAbout(
  involved: InvolvedObject,
  inventory: readonly InventoryEntry[],
  uids: ReadonlySet<string>,
): boolean {
  if (involved.uid !== '' && uids.has(involved.uid)) return true;
  return inventory.some(
    (entry) =>
      (entry.namespace ?? '') === involved.namespace &&
      ((entry.kind === involved.kind && entry.name === involved.name) ||
        isDerivedFrom(involved, entry)),
  );
}

function isDerivedFrom(involved: InvolvedObject, entry: InventoryEntry): boolean {
  if (entry.namespace === undefined) return false;
  // A claim of a StatefulSet is called <template>-<set>-<number>.
  if (involved.kind === 'PersistentVolumeClaim' && entry.kind === 'StatefulSet') {
    return involved.name.replace(/-\d+$/, '').endsWith(`-${entry.name}`);
  }
  return DERIVED_KINDS.has(involved.kind) && involved.name.startsWith(`${entry.name}-`);
}

function merge(a: KeptEvent, b: KeptEvent): KeptEvent {
  const newer =
    b.lastSeenMs > a.lastSeenMs || (b.lastSeenMs === a.lastSeenMs && b.message < a.message) ? b : a;
  const older = newer === a ? b : a;
  const message = isBare(newer) && !isBare(older) ? older.message : newer.message;
  return { ...newer, message, count: a.count + b.count };
}

/** `Error: ErrImagePull` comes beside an event of the same reason that says which image and why. */
function isBare({ message }: KeptEvent): boolean {
  return /^Error: \w+$/.test(message);
}

function toWarning(event: KeptEvent): Warning {
  const stepMs = event.count > 1 ? REPEATED_STEP_MS : 1_000;
  const lastSeenMs = Math.floor(event.lastSeenMs / stepMs) * stepMs;
  return {
    resource: resourceOf(event),
    reason: event.reason,
    message: event.message,
    count: countStep(event.count),
    ...(event.lastSeenMs > 0 && {
      lastSeen: new Date(lastSeenMs).toISOString().replace('.000', ''),
    }),
  };
}

function newestFirst(a: Warning, b: Warning): number {
  if (a.lastSeen !== b.lastSeen) return (a.lastSeen ?? '') < (b.lastSeen ?? '') ? 1 : -1;
  return `${a.resource} ${a.reason}` < `${b.resource} ${b.reason}` ? -1 : 1;
}

function resourceOf(event: KeptEvent): string {
  return `${event.involved.kind}/${event.involved.name}`;
}

/** The greatest of 1, 2, 5, 10, 20, 50, ... that is not above the count. */
function countStep(count: number): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, count)));
  return decade * ([5, 2].find((step) => count >= step * decade) ?? 1);
}
