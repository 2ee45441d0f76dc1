import { isApiError } from '../../sdk/api/errors.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { complaintsOf } from '../oracles/settled.js';
import type { Violation } from '../oracles/violation.js';
import { Ledger } from '../people/ledger.js';
import { Owner, type Subjects } from '../people/owner.js';
import { registerCluster } from '../people/register-cluster.js';
import { FIELD_MANAGER, untilDone } from '../people/until-done.js';
import type { Misfortune } from '../plane/misfortune.js';
import { RESYNC_MS, type SimWorld } from '../plane/sim-world.js';
import type { Script } from '../scenario/scenario.js';
import { madeIn, spoil, type Declaration, type Extension } from './extension.js';

export interface ExtensionStoryOptions {
  readonly extension: Extension;
  readonly declaration: Declaration;
  readonly scripts: readonly Script[];
  readonly world: SimWorld;
  readonly misfortune: Misfortune;
  readonly scheduler: Scheduler;
}

const LONGEST_STORY_MS = 30 * 60_000;
const SETTLE_MS = 10 * 60_000;
/** Whatever tells nobody of its changes is looked at in this time. */
const DRIFT_SEEN_MS = 2 * 60_000;
const LOOK_MS = 2_000;
const LAST_WORDS_MS = 15_000;
const QUIET_MS = 3.5 * RESYNC_MS;

/** People want objects of an author's kind while things go wrong; all is calm; all is silent; all goes. */
export class ExtensionStory {
  readonly #options: ExtensionStoryOptions;
  readonly #owners: readonly Owner[];
  readonly #violations: Violation[] = [];

  constructor(options: ExtensionStoryOptions) {
    this.#options = options;
    const { world, scripts } = options;
    const ledger = new Ledger();
    const subjects = this.#subjects();
    this.#owners = scripts.map((script) => new Owner(world.client, script, subjects, ledger));
  }

  /** What was seen that must not be. */
  async play(): Promise<readonly Violation[]> {
    const { world, misfortune } = this.#options;
    await this.#tell(async () => {
      await registerCluster(world.client, world.cluster.name);
      await untilDone(() => this.#declare());
      misfortune.begin(world, this.#options.scheduler);
      await Promise.all(this.#owners.map((owner) => owner.play()));
    });
    misfortune.end(world);
    await this.#pass(DRIFT_SEEN_MS);
    await this.#settle(() => this.#unmet());
    await this.#beSilent();
    await this.#tell(() => this.#removeAll());
    await this.#settle(() => this.#left());
    return [...this.#violations, ...world.leases.violations];
  }

  #subjects(): Subjects {
    const { world, extension } = this.#options;
    return {
      resource: extension.reconciler.resource,
      make: (name, value) => {
        const turn = 1 + Number(/\d+$/.exec(value)?.[0] ?? 0);
        const object = extension.object(name, turn, world.cluster.name);
        return { ...object, metadata: { namespace: 'default', ...object.metadata, name } };
      },
      spoil: ({ metadata }, how) => {
        const { state } = world.cluster;
        const made = madeIn(state);
        const chosen = made[metadata.generation % Math.max(1, made.length)];
        if (chosen !== undefined) spoil(state, chosen, how);
      },
    };
  }

  async #declare(): Promise<void> {
    const { world, declaration } = this.#options;
    await world.client.apply(declaration.definition, { fieldManager: FIELD_MANAGER, force: true });
  }

  async #removeAll(): Promise<void> {
    const { world, extension } = this.#options;
    for (const { metadata } of await this.#objects()) {
      const { name, namespace } = metadata;
      const key = { name, ...(namespace !== undefined && { namespace }) };
      await untilDone(() =>
        world.client.delete(extension.reconciler.resource, key).catch((error: unknown) => {
          if (!isApiError(error, 'NotFound')) throw error;
        }),
      );
    }
  }

  /** Lets people do something, as long as it takes. */
  async #tell(act: () => Promise<void>): Promise<void> {
    const { scheduler } = this.#options;
    let isOver = false;
    scheduler.after(0, scheduler.world, () => {
      act()
        .catch((error: unknown) => this.#violations.push(`the story broke off: ${String(error)}`))
        .finally(() => (isOver = true));
    });
    const end = await scheduler.run(() => isOver, scheduler.nowMs + LONGEST_STORY_MS);
    if (end !== 'done') this.#violations.push('nobody was answered any more');
  }

  async #pass(durationMs: number): Promise<void> {
    const { scheduler } = this.#options;
    await scheduler.run(() => false, scheduler.nowMs + durationMs);
  }

  async #settle(look: () => Promise<readonly Violation[]>): Promise<void> {
    const { scheduler } = this.#options;
    const giveUpAtMs = scheduler.nowMs + SETTLE_MS;
    let wrong = await look();
    while (wrong.length > 0 && scheduler.nowMs < giveUpAtMs) {
      await this.#pass(LOOK_MS);
      wrong = await look();
    }
    this.#violations.push(...wrong);
  }

  async #beSilent(): Promise<void> {
    await this.#pass(LAST_WORDS_MS);
    const before = await this.#written();
    await this.#pass(QUIET_MS);
    const after = await this.#written();
    if (before !== after) this.#violations.push(`written in the silence: ${before} -> ${after}`);
  }

  async #unmet(): Promise<Violation[]> {
    const { world, extension } = this.#options;
    const objects = await this.#objects();
    const names = new Set(objects.map(({ metadata }) => metadata.name));
    const wishes = this.#owners.map(({ wish }) => wish);
    return [
      ...wishes.flatMap(({ name, value }) => {
        if (names.has(name) === (value !== undefined)) return [];
        return [`${name} is ${value === undefined ? 'still there' : 'not there'}`];
      }),
      ...objects.flatMap(complaintsOf),
      ...extension.complaints(objects, madeIn(world.cluster.state)),
    ];
  }

  async #left(): Promise<Violation[]> {
    const objects = await this.#objects();
    return [
      ...objects.map(({ metadata }) => `${metadata.name} is still there`),
      ...madeIn(this.#options.world.cluster.state).map(
        ({ kind, metadata }) => `${kind} ${metadata.name} was left behind`,
      ),
    ];
  }

  async #objects(): Promise<StoredApiObject[]> {
    const { world, declaration } = this.#options;
    const { items } = await world.store.list(declaration.kind, {});
    return items.map(({ json }) => JSON.parse(json) as StoredApiObject);
  }

  async #written(): Promise<string> {
    const { store, cluster } = this.#options.world;
    return `${await store.currentVersion()} revisions, ${cluster.changes} changes in the cluster`;
  }
}
