import { START_MS, type Scheduler } from './kernel/scheduler.js';
import { forgotten } from './oracles/acknowledged.js';
import { unsettled } from './oracles/settled.js';
import type { Violation } from './oracles/violation.js';
import { unmetInRosters } from './oracles/rosters.js';
import { misseen } from './oracles/watched.js';
import { unmetInCloud, unmetInCluster } from './oracles/wishes.js';
import { Counter } from './people/counter.js';
import { Ledger } from './people/ledger.js';
import { machinesOf } from './people/machines.js';
import { Owner } from './people/owner.js';
import { registerCluster } from './people/register-cluster.js';
import { putUpRosters } from './people/rosters.js';
import { Watcher } from './people/watcher.js';
import { workloadsOn } from './people/workloads.js';
import type { Misfortune } from './plane/misfortune.js';
import { RESYNC_MS, type SimWorld } from './plane/sim-world.js';
import type { Scenario, Subject } from './scenario/scenario.js';

export interface StoryOptions {
  readonly scenario: Scenario;
  readonly world: SimWorld;
  readonly misfortune: Misfortune;
  readonly scheduler: Scheduler;
}

const LONGEST_STORY_MS = 30 * 60_000;
/** Leases, back-off and pauses end in this time, and then everything is as it should be. */
const SETTLE_MS = 6 * 60_000;
const LOOK_MS = 2_000;
/** Events are written after the work they tell of: when that fails, half a minute later in the end. */
const LAST_WORDS_MS = 45_000;
const QUIET_MS = 3.5 * RESYNC_MS;
const WATCHED = ['workloads.workload.threeport.io', 'workloadinstances.workload.threeport.io'];

/** People act while things go wrong; then all is calm, then all is silent. */
export class Story {
  readonly #options: StoryOptions;
  readonly #ledger = new Ledger();
  readonly #owners: Readonly<Record<Exclude<Subject, 'tally'>, readonly Owner[]>>;
  readonly #counters: readonly Counter[];
  readonly #watchers: readonly Watcher[];
  readonly #violations: Violation[] = [];

  constructor(options: StoryOptions) {
    this.#options = options;
    const { scenario, world } = options;
    const { client, cluster, cloud } = world;
    const of = (subject: Subject) => scenario.scripts.filter((each) => each.subject === subject);
    const owners = (subject: Subject, subjects: ReturnType<typeof machinesOf>): Owner[] =>
      of(subject).map((script) => new Owner(client, script, subjects, this.#ledger));
    this.#owners = {
      workload: owners('workload', workloadsOn(cluster)),
      machine: owners('machine', machinesOf(cloud)),
    };
    this.#counters = of('tally').map((script) => new Counter(client, script, this.#ledger));
    this.#watchers = WATCHED.map((resource) => new Watcher(world.watchingClient, resource));
  }

  /** What was seen that must not be. */
  async play(): Promise<readonly Violation[]> {
    await this.#tell();
    await this.#settle();
    await this.#beSilent();
    const { world } = this.#options;
    return [
      ...this.#violations,
      ...world.leases.violations,
      ...(await forgotten(world.store, this.#ledger)),
      ...(await misseen(world.store, this.#watchers)),
    ];
  }

  async #tell(): Promise<void> {
    const { world, scheduler, misfortune, scenario } = this.#options;
    let isTold = false;
    let calmAtMs = 0;
    const story = async (): Promise<void> => {
      for (const watcher of this.#watchers) void watcher.run();
      await registerCluster(world.client, world.cluster.name);
      if (this.#owners.machine.length > 0) await putUpRosters(world.client);
      misfortune.begin(world, scheduler);
      calmAtMs = scheduler.nowMs + scenario.stormMs;
      const people = [...this.#owners.workload, ...this.#owners.machine, ...this.#counters];
      await Promise.all(people.map((person) => person.play()));
    };
    scheduler.after(0, scheduler.world, () => {
      story()
        .catch((error: unknown) => this.#violations.push(`the story broke off: ${String(error)}`))
        .finally(() => (isTold = true));
    });
    const told = await scheduler.run(() => isTold, START_MS + LONGEST_STORY_MS);
    if (told !== 'done') this.#violations.push('nobody was answered any more');
    await scheduler.run(() => false, calmAtMs);
    misfortune.end(world);
  }

  async #settle(): Promise<void> {
    const { scheduler } = this.#options;
    const giveUpAtMs = scheduler.nowMs + SETTLE_MS;
    let left = await this.#unmet();
    while (left.length > 0 && scheduler.nowMs < giveUpAtMs) {
      await scheduler.run(() => false, scheduler.nowMs + LOOK_MS);
      left = await this.#unmet();
    }
    this.#violations.push(...left);
  }

  /** Nothing changes any more: nothing is written, however often everything is looked at. */
  async #beSilent(): Promise<void> {
    const { scheduler, world } = this.#options;
    const lastMs = Math.max(scheduler.nowMs, world.awakeAtMs) + LAST_WORDS_MS;
    await scheduler.run(() => false, lastMs);
    const before = await this.#written();
    await scheduler.run(() => false, scheduler.nowMs + QUIET_MS);
    const after = await this.#written();
    if (before !== after) this.#violations.push(`written in the silence: ${before} -> ${after}`);
    // What came about stays so.
    this.#violations.push(...(await this.#unmet()));
  }

  async #unmet(): Promise<Violation[]> {
    const { store, cluster, cloud } = this.#options.world;
    const wishes = (owners: readonly Owner[]) => owners.map(({ wish }) => wish);
    return [
      ...(await unsettled(store)),
      ...(await unmetInCluster(store, cluster, wishes(this.#owners.workload))),
      ...(await unmetInRosters(store)),
      ...(await unmetInCloud(store, cloud, wishes(this.#owners.machine))),
    ];
  }

  async #written(): Promise<string> {
    const { store, cluster, cloud } = this.#options.world;
    const revisions = await store.currentVersion();
    return `${revisions} revisions, ${cluster.changes} changes in the cluster, ${cloud.changes} in the cloud`;
  }
}
