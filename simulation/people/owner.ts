import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../client/index.js';
import { isNotFound } from '../../sdk/api/errors.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import type { Act, Script } from '../scenario/scenario.js';
import type { Ledger } from './ledger.js';
import { FIELD_MANAGER, NotYetError, untilDone } from './until-done.js';

/** What is wanted of one object; undefined: that it is not there. */
export interface Wish {
  readonly name: string;
  readonly value: string | undefined;
  readonly parts: number;
}

/** What an owner's objects are, and where in the world they show. */
export interface Subjects {
  readonly resource: string;
  make(name: string, value: string, parts: number): ApiObject;
  /** Somebody else spoils what was made of it; `edit` changes a value, `delete` removes a part. */
  spoil(object: StoredApiObject, how: 'edit' | 'delete'): void;
}

/** Somebody who changes one object again and again, each time until the API has said yes. */
export class Owner {
  readonly #client: Client;
  readonly #script: Script;
  readonly #subjects: Subjects;
  readonly #ledger: Ledger;
  #wish: Wish;

  constructor(client: Client, script: Script, subjects: Subjects, ledger: Ledger) {
    this.#client = client;
    this.#script = script;
    this.#subjects = subjects;
    this.#ledger = ledger;
    this.#wish = { name: script.name, value: undefined, parts: 0 };
  }

  /** What was wanted last, and is acknowledged. */
  get wish(): Wish {
    return this.#wish;
  }

  async play(): Promise<void> {
    for (const act of this.#script.acts) {
      await delay(act.afterMs);
      await this.#do(act);
    }
  }

  async #do(act: Act): Promise<void> {
    const { name } = this.#script;
    if (act.do === 'put') {
      const { value, parts } = act;
      await untilDone(() => this.#put(value, parts));
      this.#wish = { name, value, parts };
    } else if (act.do === 'remove') {
      await untilDone(() => this.#remove());
      this.#wish = { name, value: undefined, parts: 0 };
    } else if (act.do === 'drift') {
      const present = await untilDone(() => this.#find());
      if (present !== undefined) this.#subjects.spoil(present, act.how);
    }
  }

  #find(): Promise<StoredApiObject | undefined> {
    const key = { name: this.#script.name, namespace: 'default' };
    return this.#client.find(this.#subjects.resource, key);
  }

  async #put(value: string, parts: number): Promise<void> {
    // Nobody changes what is going; it is made anew once it is gone.
    if ((await this.#find())?.metadata.deletionTimestamp !== undefined) throw new NotYetError();
    const object = this.#subjects.make(this.#script.name, value, parts);
    const stored = await this.#client.apply(object, { fieldManager: FIELD_MANAGER, force: true });
    this.#ledger.acknowledged(this.#subjects.resource, stored);
  }

  async #remove(): Promise<void> {
    const key = { name: this.#script.name, namespace: 'default' };
    try {
      const propagationPolicy = 'Background';
      await this.#client.delete(this.#subjects.resource, key, { propagationPolicy });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
