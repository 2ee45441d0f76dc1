import type { Intent, JournalEffect } from '../api/journal.js';
import { errorChain } from '../error-chain.js';
import { interceptPorts, type PortCall, type TokenCall } from '../ports/intercept-ports.js';
import type { PortTable } from '../ports/port-table.js';
import type { Ports } from '../ports/ports.js';
import { madeNothing, type Intents } from './intents.js';

/** Is told of an effect as it begins, and of the same one as it ends. */
export type NoteEffect = (effect: JournalEffect & { readonly fence: number }) => void;

export interface JournalCallsOptions {
  readonly uid: string;
  readonly fence: number;
  readonly intents: Intents;
  readonly note: NoteEffect;
  /** Throws when no call may be made any more. */
  readonly check: () => void;
  readonly table?: PortTable;
}

export interface JournaledCalls {
  readonly ports: Ports;
  /** See ReconcileContext. */
  madeBefore<T>(call: () => Promise<T>): Promise<T | undefined>;
}

/** The server takes texts of up to 512 characters. */
const LONGEST_TEXT = 500;

/**
 * The same ports; each call that changes something outside of the plane is noted. One whose result has
 * no name before is made once: an intent is durable before it, and what an attempt before may have
 * made of the same is looked for first.
 */
export function journalCalls(ports: Ports, options: JournalCallsOptions): JournaledCalls {
  const { uid, fence, intents, note, check, table } = options;
  let calls = 0;
  let looksOnly = false;

  const begin = (call: PortCall): Effect => ({
    sequence: ++calls,
    port: call.port,
    ...(call.place !== undefined && { place: call.place }),
    nature: call.nature as JournalEffect['nature'],
    operation: call.operation,
    target: storable(call.target),
    outcome: 'begun',
    startedAt: new Date(ports.clock.nowMs()).toISOString(),
    fence,
  });

  const end = (effect: Effect, outcome: JournalEffect['outcome'], message = ''): void => {
    const durationMs = Math.round(ports.clock.nowMs() - Date.parse(effect.startedAt));
    const said = storable(message);
    note({
      ...effect,
      outcome,
      ...(said !== '' && { message: said }),
      ...(outcome !== 'begun' && { durationMs: Math.max(0, durationMs) }),
    });
  };

  async function makeOnce<T>(
    call: PortCall,
    byToken: TokenCall,
    make: (args?: readonly unknown[]) => Promise<T>,
  ): Promise<T> {
    const mayMake = !looksOnly;
    const before = intents.takeUp({ ...call, target: storable(call.target) });
    const made = before && ((await byToken.find(before.token)) as T | undefined);
    if (before !== undefined && made !== undefined) {
      // Who only looked is going to remove it: it is open until it is gone.
      if (mayMake) intents.settle(before);
      end(before, 'ok', 'found by its token');
      return made;
    }
    if (!mayMake) {
      if (before !== undefined) {
        intents.settle(before);
        end(before, 'failed', 'there is nothing with its token');
      }
      return undefined as T;
    }
    const intent = before ?? newIntent(begin(call), uid);
    if (before === undefined) {
      note(intent);
      await intents.begin(intent);
      check();
    }
    try {
      const result = await make(byToken.withToken(intent.token));
      intents.settle(intent);
      end(intent, 'ok');
      return result;
    } catch (error) {
      // What the attempt before sent may still come.
      const isClear = before === undefined && madeNothing(error);
      if (isClear) intents.settle(intent);
      end(intent, isClear ? 'failed' : 'begun', call.hide(errorChain(error)));
      throw error;
    }
  }

  const journaled = interceptPorts(
    ports,
    async (call, make) => {
      if (!call.outside || call.nature === 'read') return make();
      if (call.byToken !== undefined) return makeOnce(call, call.byToken, make);
      const effect = begin(call);
      note(effect);
      try {
        const result = await make();
        end(effect, 'ok');
        return result;
      } catch (error) {
        end(effect, 'failed', call.hide(errorChain(error)));
        throw error;
      }
    },
    table,
  );
  return {
    ports: journaled,
    madeBefore(call) {
      // Whoever makes a call gets as far as the port before it first waits.
      looksOnly = true;
      try {
        return call();
      } finally {
        looksOnly = false;
      }
    },
  };
}

type Effect = JournalEffect & { readonly fence: number };

/** The token says who began it: the same in every replay, and never that of another. */
function newIntent(effect: Effect, uid: string): Intent {
  return { ...effect, token: `${uid}-${effect.fence}-${effect.sequence}` };
}

function storable(text: string): string {
  // Half a pair is what the cut may leave.
  return text.slice(0, LONGEST_TEXT).replaceAll(/[\0\p{Surrogate}]/gu, '');
}
