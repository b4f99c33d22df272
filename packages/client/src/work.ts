/** Runs what is asked of it one after the other. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** What is under way at something that can be closed: nothing more begins then, and the end of the last is told. */
export class Work {
  readonly #name: string;
  #running = 0;
  #isClosed = false;
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
