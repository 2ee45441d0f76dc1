import type { KindDefinition } from '../api/kind.js';
import type { StoredApiObject } from '../api/object.js';
import type { CompletionResult } from '../api/work.js';
import { dryPorts } from '../ports/dry-ports.js';
import type { PortTable } from '../ports/port-table.js';
import type { Effect, ReadPorts } from '../ports/ports.js';
import { runAttempt, type AttemptWrite } from './attempt.js';
import type { Reconciler, ReconcileResult } from './reconciler.js';

export interface DryRunOptions {
  readonly kind: KindDefinition;
  /** Kinds with a heartbeat: whether the last one is recent. Default true. */
  readonly alive?: boolean;
  readonly signal?: AbortSignal;
  /** Default 60,000. */
  readonly timeLimitMs?: number;
  /** Default: that of Ports. */
  readonly portTable?: PortTable;
}

export interface DryRun {
  /** What the attempt would change, as the answers came; those that would fail too. */
  readonly effects: readonly Effect[];
  /** The status that it would leave. */
  readonly status: unknown;
  /** What the reconciler answered. Absent: it threw `error`. */
  readonly outcome?: ReconcileResult;
  readonly error?: unknown;
}

/**
 * One attempt at the object as it is, by the same reconciler, with real reads and no write: it is given
 * nothing that can write. Changes nothing anywhere, and needs no lease.
 */
export async function runDry(
  reconciler: Reconciler,
  object: StoredApiObject,
  reads: ReadPorts,
  options: DryRunOptions,
): Promise<DryRun> {
  const { kind, alive = true, timeLimitMs = 60_000, portTable } = options;
  const effects: Effect[] = [];
  let present = object;
  const write = ({ addFinalizer }: AttemptWrite): Promise<CompletionResult> => {
    if (addFinalizer !== undefined) {
      const finalizers = [...(present.metadata.finalizers ?? []), addFinalizer];
      present = { ...present, metadata: { ...present.metadata, finalizers } };
    }
    return Promise.resolve({ uid: object.metadata.uid, outcome: 'done', object: present });
  };
  const ended = await runAttempt({
    reconciler,
    kind,
    object,
    fence: 0,
    failures: 0,
    alive,
    ports: dryPorts(reads, (effect) => effects.push(effect), portTable),
    ...(portTable !== undefined && { portTable }),
    signal: options.signal ?? new AbortController().signal,
    checkLease: () => undefined,
    timeLimitMs,
    random: () => 0.5,
    write,
  });
  return {
    effects,
    status: ended?.completion.status ?? object.status,
    ...(ended?.result !== undefined && { outcome: ended.result }),
    ...(ended?.error !== undefined && { error: ended.error }),
  };
}
