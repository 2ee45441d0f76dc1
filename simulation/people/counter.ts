import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../client/index.js';
import { isAlreadyExists, isConflict } from '../../sdk/api/errors.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import type { Script } from '../scenario/scenario.js';
import type { Ledger } from './ledger.js';
import { FIELD_MANAGER, NotYetError, untilDone } from './until-done.js';

/** The object in which everybody counts. */
export const TALLY = { name: 'tally', namespace: 'default' } as const;

type Tally = ApiObject & StoredApiObject & { data?: { count?: string } };

/** Reads a number, adds one, writes it back unless somebody else did meanwhile; again and again. */
export class Counter {
  readonly #client: Client;
  readonly #script: Script;
  readonly #ledger: Ledger;

  constructor(client: Client, script: Script, ledger: Ledger) {
    this.#client = client;
    this.#script = script;
    this.#ledger = ledger;
  }

  async play(): Promise<void> {
    for (const { afterMs } of this.#script.acts) {
      await delay(afterMs);
      await untilDone(() => this.#count());
    }
  }

  async #count(): Promise<void> {
    const tally = await this.#client.find<Tally>('configmaps', TALLY);
    if (tally === undefined) {
      await this.#create();
      throw new NotYetError();
    }
    const count = String(Number(tally.data?.count ?? 0) + 1);
    // Whether it is counted is not known until there is an answer.
    this.#ledger.perhapsCounted += 1;
    try {
      const stored = await this.#client.update(
        { ...tally, data: { count } },
        { fieldManager: FIELD_MANAGER },
      );
      this.#ledger.counted += 1;
      this.#ledger.perhapsCounted -= 1;
      this.#ledger.acknowledged('configmaps', stored);
    } catch (error) {
      if (!isConflict(error)) return;
      this.#ledger.perhapsCounted -= 1;
      throw error;
    }
  }

  async #create(): Promise<void> {
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...TALLY },
      data: { count: '0' },
    };
    try {
      await this.#client.create(object, { fieldManager: FIELD_MANAGER });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
}
