/** Runs what is asked of a wallet: what writes one after the other, and nothing any more once it is closed. */
export class Work {
  readonly #name: string;
  #running = 0;
  #isClosed = false;
  /** The end of what was asked for one after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #onIdle: () => void = () => undefined;
  #resolveEnded: () => void = () => undefined;
  /** Resolves when it is closed and nothing runs. */
  readonly ended: Promise<void> = new Promise((resolve) => {
    this.#resolveEnded = resolve;
  });

  /** @param name of what is closed, for the TypeError of later calls */
  constructor(name: string) {
    this.#name = name;
  }

  /** @throws TypeError once it is closed */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new TypeError(`${this.#name} is closed`);
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#endIfIdle();
    }
  }

  /** The same, after what was asked for in this way before. */
  runAlone<T>(work: () => Promise<T>): Promise<T> {
    return this.run(() => {
      const result = this.#queue.then(work);
      this.#queue = result.catch(() => undefined);
      return result;
    });
  }

  /** Takes nothing more. `onIdle` is called when what runs has ended: at once where nothing does. */
  close(onIdle: () => void): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onIdle = onIdle;
    this.#endIfIdle();
  }

  #endIfIdle(): void {
    if (!this.#isClosed || this.#running > 0) return;
    this.#onIdle();
    this.#resolveEnded();
  }
}
