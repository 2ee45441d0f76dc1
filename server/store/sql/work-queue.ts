import type { ApiObject } from '../../../sdk/api/object.js';
import type { WakeReason } from '../../../sdk/api/work.js';
import type {
  ClaimOptions,
  Revision,
  StoredObject,
  Wake,
  WorkClaim,
  WorkCompletion,
  WorkOutcome,
} from '../object-store.js';
import { ClaimTurn } from '../claim-turn.js';
import { joinObject } from '../object-text.js';
import { Batcher, Lane } from './batcher.js';
import type { Database } from './database.js';
import { isolateData } from './isolate-data.js';
import type { KindStoreOptions } from './kind-store.js';
import type { KindTable } from './kind-table.js';
import { columnArrays, contentOf, ownerArrays, type ObjectContent } from './object-content.js';
import { sizeOfContent } from './object-writer.js';
import { originText, traceOfText } from './origin-text.js';
import type { Statement } from './statement.js';
import { toStoredObject, type StoredRow } from './stored-row.js';
import {
  claimDueStatement,
  claimUidsStatement,
  countDueStatement,
  HAND_BACK_INPUT,
  handBackStatement,
  heartbeatStatement,
  renewStatement,
  wakeStatement,
} from './work-statements.js';
import {
  deleteInput,
  deleteStatement,
  updateInput,
  updateStatement,
  type InputColumn,
} from './write-statements.js';

interface HandBack {
  readonly uid: string;
  readonly worker: string;
  readonly fence: number;
  readonly failures: number;
  /** Null: no attempt was made. */
  readonly acted_on: number | null;
  readonly requeue_ms: number | null;
  readonly requeue_reason: WakeReason;
  readonly keep_lease: boolean;
  /** '' drops it, null leaves it. */
  readonly checkpoint: string | null;
  readonly converged: boolean;
  /** An AttemptRecord as JSON text. */
  readonly attempt: string | null;
}

interface DeletingHandBack extends HandBack {
  readonly expected: number;
  readonly origin: string | null;
}

interface UpdatingHandBack extends DeletingHandBack, ObjectContent {
  readonly object: ApiObject;
}

interface Verdict {
  uid: string;
  held: boolean;
  dirty: boolean;
  converging_ms: number | null;
  /** Undefined where nothing was to be written, null where the version had moved on. */
  version?: number | null;
}

type ClaimedRow = StoredRow & {
  fence: number;
  failures: number;
  urgent: boolean;
  lost_attempts: number;
  alive: boolean;
  checkpoint: string | null;
  wake_reason: WakeReason | null;
  wake_version: number | null;
  wake_trace: string | null;
  due_for_ms: number;
};

/** The leases of one reconciled kind. */
export class WorkQueue {
  readonly #table: KindTable;
  readonly #database: Database;
  readonly #committed: (revisions: readonly Revision[]) => void;
  readonly #turn = new ClaimTurn();
  readonly #claimDue: Statement;
  readonly #claimUids: Statement;
  readonly #countDue: Statement;
  readonly #renew: Statement;
  readonly #wake: Statement;
  readonly #handBacks: Batcher<HandBack, WorkOutcome>;
  readonly #updates: Batcher<UpdatingHandBack, WorkOutcome>;
  readonly #deletions: Batcher<DeletingHandBack, WorkOutcome>;
  readonly #heartbeats: Batcher<{ name: string; heartbeat_ms: number }, boolean>;

  constructor({ table, database, lane, committed }: KindStoreOptions) {
    this.#table = table;
    this.#database = database;
    this.#committed = committed;
    this.#claimDue = claimDueStatement(table);
    this.#claimUids = claimUidsStatement(table);
    this.#countDue = countDueStatement(table);
    this.#renew = renewStatement(table);
    this.#wake = wakeStatement(table);
    this.#handBacks = this.#batcher(
      new Lane(1),
      handBackStatement(table),
      HAND_BACK_INPUT,
      () => [],
    );
    this.#updates = this.#batcher<UpdatingHandBack>(
      lane,
      updateStatement(table, 'lease-holder'),
      updateInput(table, 'lease-holder'),
      ownerArrays,
      sizeOfContent,
    );
    this.#deletions = this.#batcher(
      lane,
      deleteStatement(table, 'lease-holder'),
      deleteInput('lease-holder'),
      () => [],
    );
    const beat = heartbeatStatement(table);
    this.#heartbeats = new Batcher({
      lane: new Lane(1),
      keyOf: ({ name }) => name,
      sizeOf: () => 0,
      run: async (items) => {
        const rows = await this.#database.run<{ name: string }>(beat, [
          items.map(({ name }) => name),
          items.map(({ heartbeat_ms }) => heartbeat_ms),
        ]);
        const there = new Set(rows.map(({ name }) => name));
        return items.map(({ name }) => there.has(name));
      },
    });
  }

  async claim(options: ClaimOptions): Promise<readonly WorkClaim[]> {
    const { worker, leaseMs, limit, uids } = options;
    if (limit <= 0 || uids?.length === 0) return [];
    const values = [worker, leaseMs, limit];
    const rows =
      uids === undefined
        ? await this.#database.run<ClaimedRow>(this.#claimDue, [...values, this.#turn.taken])
        : await this.#database.run<ClaimedRow>(this.#claimUids, [...values, uids]);
    if (uids === undefined) this.#turn.count(rows);
    return rows.map((row) => ({
      object: toStoredObject(this.#table.resource, row),
      fence: row.fence,
      failures: row.failures,
      urgent: row.urgent,
      lostAttempts: row.lost_attempts,
      alive: row.alive,
      ...causeOf(row),
      ...(row.checkpoint !== null && { checkpoint: row.checkpoint }),
      dueForMs: row.due_for_ms,
    }));
  }

  async countDue(atMost: number): Promise<number> {
    const [row] = await this.#database.run<{ count: number }>(this.#countDue, [atMost]);
    return row?.count ?? 0;
  }

  async complete(completion: WorkCompletion): Promise<WorkOutcome> {
    const { uid, worker, fence, failures, generation, requeueAfterMs, keepLease } = completion;
    const { write, checkpoint } = completion;
    const handBack: HandBack = {
      uid,
      worker,
      fence,
      failures,
      acted_on: generation ?? null,
      requeue_ms: requeueAfterMs ?? null,
      requeue_reason: completion.requeueReason ?? 'requeue',
      keep_lease: keepLease ?? false,
      checkpoint: checkpoint === null ? '' : (checkpoint ?? null),
      converged: completion.converged ?? false,
      attempt: completion.attempt === undefined ? null : JSON.stringify(completion.attempt),
    };
    if (write === undefined) return this.#handBacks.add(handBack);
    const made = {
      ...handBack,
      expected: write.expectedResourceVersion,
      origin: originText(completion.origin),
    };
    if (write.type === 'delete') return this.#deletions.add(made);
    const { object } = write;
    const content = contentOf(this.#table, object);
    return this.#updates.add({ ...made, ...content, object });
  }

  async renew(
    worker: string,
    leaseMs: number,
    leases: readonly { readonly uid: string; readonly fence: number }[],
  ): Promise<readonly string[]> {
    if (leases.length === 0) return [];
    const uids = leases.map(({ uid }) => uid);
    const fences = leases.map(({ fence }) => fence);
    const rows = await this.#database.run<{ uid: string }>(this.#renew, [
      uids,
      fences,
      worker,
      leaseMs,
    ]);
    const held = new Set(rows.map(({ uid }) => uid));
    return uids.filter((uid) => !held.has(uid));
  }

  async wake(wakes: readonly Wake[]): Promise<readonly string[]> {
    if (wakes.length === 0) return [];
    const rows = await this.#database.run<{ uid: string }>(this.#wake, [
      wakes.map(({ uid }) => uid),
      wakes.map(({ knownAtFence }) => knownAtFence ?? null),
      wakes.map(({ by }) => (by === undefined ? null : Number(by.resourceVersion))),
      wakes.map(({ by }) => by?.traceparent ?? null),
    ]);
    return rows.map(({ uid }) => uid);
  }

  async heartbeat(name: string, heartbeatMs: number): Promise<boolean> {
    return this.#heartbeats.add({ name, heartbeat_ms: heartbeatMs });
  }

  #batcher<Item extends HandBack>(
    lane: Lane,
    statement: Statement,
    input: readonly InputColumn[],
    moreValues: (items: readonly Item[]) => unknown[],
    sizeOf: (item: Item) => number = () => 0,
  ): Batcher<Item, WorkOutcome> {
    return new Batcher({
      lane,
      keyOf: ({ uid }) => uid,
      sizeOf,
      run: isolateData(async (items: readonly Item[]) => {
        const rows = await this.#database.run<Verdict>(statement, [
          ...columnArrays(input, items),
          ...moreValues(items),
        ]);
        const verdicts = new Map(rows.map((row) => [row.uid, row]));
        const outcomes = items.map((item) => this.#outcome(item, verdicts.get(item.uid)));
        this.#committed([
          ...outcomes.flatMap(({ object }) =>
            object === undefined ? [] : [logged('MODIFIED', object, items)],
          ),
          ...rows.flatMap((row) => {
            const ended = this.#ended(row);
            return ended === undefined ? [] : [logged('DELETED', ended, items)];
          }),
        ]);
        return outcomes;
      }),
    });
  }

  /** The object of a deletion, as the log has it; undefined for other rows. */
  #ended(row: Verdict & Partial<StoredRow>): StoredObject | undefined {
    if (typeof row.version !== 'number' || row.metadata === undefined) return undefined;
    const last = { ...(row as StoredRow), resource_version: row.version };
    return toStoredObject(this.#table.resource, last);
  }

  #outcome(item: HandBack & Partial<UpdatingHandBack>, verdict: Verdict | undefined): WorkOutcome {
    if (verdict === undefined) return { outcome: 'gone' };
    if (!verdict.held) return { outcome: 'fenced' };
    if (verdict.version === null) return { outcome: 'conflict' };
    const { text, object, uid, converged } = item;
    const reached =
      converged && verdict.converging_ms !== null ? { convergedMs: verdict.converging_ms } : {};
    if (text === undefined || object === undefined || verdict.version === undefined) {
      // The object of a deletion is no more, whoever woke it.
      const ended = verdict.version !== undefined;
      return { outcome: verdict.dirty && !ended ? 'dirty' : 'done', ...reached };
    }
    const { name, namespace = '' } = object.metadata;
    const resourceVersion = verdict.version;
    const json = joinObject(text, resourceVersion);
    const { resource } = this.#table;
    return {
      outcome: verdict.dirty ? 'dirty' : 'done',
      object: { resource, uid, namespace, name, resourceVersion, json },
      ...reached,
    };
  }
}

function causeOf({
  wake_reason: reason,
  wake_version,
  wake_trace,
}: ClaimedRow): Pick<WorkClaim, 'cause'> {
  if (reason === null) return {};
  return {
    cause: {
      reason,
      ...(wake_version !== null && { resourceVersion: String(wake_version) }),
      ...(wake_trace !== null && { traceparent: wake_trace }),
    },
  };
}

/** The log's entry for what a lease holder wrote: its own attempt is the cause. */
function logged(
  type: Revision['type'],
  object: StoredObject,
  handBacks: readonly (HandBack & { readonly origin?: string | null })[],
): Revision {
  const { resourceVersion, uid } = object;
  const handBack = handBacks.find((each) => each.uid === uid);
  const cause = { uid, fence: handBack?.fence ?? 0 };
  return { resourceVersion, type, object, cause, ...traceOfText(handBack?.origin ?? null) };
}
