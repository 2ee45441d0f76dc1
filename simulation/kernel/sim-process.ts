/** What happens to a process at one of its steps. */
export interface Fuse {
  readonly at: 'call' | 'effect';
  count: number;
  readonly blow: () => void;
}

/**
 * A process of the simulated world. Its code runs only in tasks of its own, so when it is killed it
 * stops at whatever it waits for, and nothing of it ever goes on.
 */
export class SimProcess {
  readonly name: string;
  /** How far its clock is ahead of the world's. */
  skewMs = 0;
  /** Nothing of it runs before this time: as between SIGSTOP and SIGCONT. */
  pausedUntilMs = 0;
  #isAlive = true;
  #fuse: Fuse | undefined;
  readonly #onDeath = new Set<() => void>();

  constructor(name: string) {
    this.name = name;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Ends it on the spot, as kill -9 does. A new one is started in its place by whoever made it. */
  kill(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    for (const tell of this.#onDeath) tell();
    this.#onDeath.clear();
  }

  /** Runs `blow` at the n-th step of that sort from now on. Undefined puts the fuse out. */
  lightFuse(fuse: Fuse | undefined): void {
    this.#fuse = fuse;
  }

  /** It makes, answers or is asked a call; or something outside has changed because of it. */
  step(sort: Fuse['at']): void {
    if (this.#fuse?.at !== sort || --this.#fuse.count > 0) return;
    const { blow } = this.#fuse;
    this.#fuse = undefined;
    blow();
  }

  /** Calls when it is killed. Returns what ends that. */
  onDeath(tell: () => void): () => void {
    this.#onDeath.add(tell);
    return () => this.#onDeath.delete(tell);
  }
}
