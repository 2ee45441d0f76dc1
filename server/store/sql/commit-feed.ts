/** Tells listeners of commits: of this process at once, of others by asking every `pollMs`. */
export class CommitFeed {
  readonly #currentVersion: () => Promise<number>;
  readonly #pollMs: number;
  readonly #listeners = new Set<() => void>();
  #seen = 0;
  #notifying = false;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(currentVersion: () => Promise<number>, pollMs: number) {
    this.#currentVersion = currentVersion;
    this.#pollMs = pollMs;
  }

  /** The newest version that was noted as committed; 0 at first. */
  get seen(): number {
    return this.#seen;
  }

  /** Answers a function that removes the listener. Nothing is asked while there is none. */
  listen(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    this.#schedulePoll();
    return () => this.#listeners.delete(own);
  }

  /** Notes that everything up to this version is committed. */
  committed(version: number): void {
    if (version <= this.#seen) return;
    this.#seen = version;
    if (this.#notifying || this.#listeners.size === 0) return;
    this.#notifying = true;
    setImmediate(() => {
      this.#notifying = false;
      for (const listener of this.#listeners) listener();
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #schedulePoll(): void {
    if (this.#timer !== undefined || this.#stopped || this.#listeners.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#currentVersion()
        .then((version) => this.committed(version))
        // The next poll asks again.
        .catch(() => undefined)
        .finally(() => {
          this.#timer = undefined;
          this.#schedulePoll();
        });
    }, this.#pollMs);
    this.#timer.unref();
  }
}
