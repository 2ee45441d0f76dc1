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
  #fuse: { calls: number; readonly blow: () => void } | undefined;
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

  /** Runs `blow` at the n-th call that it makes, answers or is asked from now on. */
  lightFuse(calls: number, blow: () => void): void {
    this.#fuse = { calls, blow };
  }

  /** It makes, answers or is asked a call. */
  step(): void {
    if (this.#fuse === undefined || --this.#fuse.calls > 0) return;
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
