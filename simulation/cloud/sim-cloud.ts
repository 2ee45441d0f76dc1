import { ApiError } from '../../sdk/api/errors.js';
import { ConnectionLostError, type Network } from '../kernel/network.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { KeyedRandom } from '../kernel/keyed-random.js';
import type { SeededRandom } from '../kernel/seeded-random.js';
import { SimProcess } from '../kernel/sim-process.js';
import type { CloudMachine, CloudPort } from './cloud-port.js';

/** What anything outside the plane is made of. */
export interface OutsideOptions {
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  /** The chance that a call is answered with an error, before or after its effect. */
  readonly errors: () => number;
}

/** A cloud in a process of its own, which counts what took effect in it. */
export class SimCloud {
  readonly process = new SimProcess('cloud');
  readonly #network: Network;
  readonly #scheduler: Scheduler;
  readonly #random: KeyedRandom;
  /** The chance that a call is answered with an error, before or after its effect. */
  readonly #errors: () => number;
  readonly #machines = new Map<string, CloudMachine>();
  /** Machines ever made, by owner. */
  readonly created = new Map<string, number>();
  /** Writes that changed anything, ever. */
  changes = 0;

  constructor({ network, scheduler, random, errors }: OutsideOptions) {
    this.#network = network;
    this.#scheduler = scheduler;
    this.#random = new KeyedRandom(random.int(2 ** 32));
    this.#errors = errors;
  }

  get machines(): readonly CloudMachine[] {
    return [...this.#machines.values()];
  }

  /** As somebody else: not counted as a change of ours, and its owner may make another. */
  spoil(owner: string, how: 'edit' | 'delete'): void {
    const machine = this.machines.find((each) => each.owner === owner);
    if (machine === undefined) return;
    if (how === 'edit') this.#machines.set(machine.id, { ...machine, value: 'spoiled' });
    else {
      this.#machines.delete(machine.id);
      this.created.set(owner, (this.created.get(owner) ?? 0) - 1);
    }
  }

  port(): CloudPort {
    return {
      create: (machine) => this.#call('create', () => this.#create(machine)),
      findByToken: (token) =>
        this.#call('findByToken', () => this.machines.find((each) => each.token === token)),
      find: (id) => this.#call('find', () => this.#machines.get(id)),
      change: (id, value) => this.#call('change', () => this.#change(id, value)),
      delete: (id) => this.#call('delete', () => this.#delete(id)),
    };
  }

  #create(machine: Omit<CloudMachine, 'id'>): CloudMachine {
    const known = this.machines.find(({ token }) => token === machine.token);
    if (known !== undefined) return known;
    const made = {
      ...machine,
      id: `i-${this.#random
        .next('id')
        .int(2 ** 32)
        .toString(16)}`,
    };
    this.#machines.set(made.id, made);
    this.created.set(machine.owner, (this.created.get(machine.owner) ?? 0) + 1);
    this.changes += 1;
    return made;
  }

  #change(id: string, value: string): void {
    const machine = this.#machines.get(id);
    if (machine === undefined) throw new ApiError('NotFound', `no machine ${id}`);
    this.#machines.set(id, { ...machine, value });
    this.changes += 1;
  }

  #delete(id: string): void {
    if (this.#machines.delete(id)) this.changes += 1;
  }

  async #call<T>(operation: keyof CloudPort, act: () => T): Promise<T> {
    const random = this.#random.next(operation);
    const fails = random.chance(this.#errors());
    const afterEffect = random.chance(0.5);
    const from = this.#scheduler.current;
    const serve = async (): Promise<T> => {
      const broken = new ApiError('InternalError', `the cloud could not ${operation}`);
      if (fails && !afterEffect) throw broken;
      const before = this.changes;
      const answer = act();
      // Who dies here has changed something and does not know it yet.
      if (this.changes > before) from.step('effect');
      if (fails) throw broken;
      return answer;
    };
    try {
      return await this.#network.call(this.process, `cloud.${operation}`, serve);
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) throw error;
      throw new ApiError('ServiceUnavailable', 'cannot reach the cloud', { cause: error });
    }
  }
}
