/** The mark in the storage that a wallet has changed, written in the order of the changes, and only where it is another. */
export class DirtyMark {
  readonly #write: (dirty: boolean) => Promise<void>;
  /** What it is, or will be; undefined: not known. */
  #isSet: boolean | undefined;
  #writing: Promise<void> | undefined;

  constructor(write: (dirty: boolean) => Promise<void>) {
    this.#write = write;
  }

  /** Begins to write before it returns, unless another write is under way. */
  set(dirty: boolean): void {
    if (this.#isSet === dirty) return;
    this.#isSet = dirty;
    const write = () => this.#write(dirty);
    // A mark that cannot be written is no reason not to back up, and the look at the next start needs none.
    const failed = () => {
      this.#isSet = undefined;
    };
    const writing = (this.#writing ? this.#writing.then(write) : write()).catch(failed).then(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
    this.#writing = writing;
  }

  /** Resolves when nothing is being written. Never rejects. */
  async settled(): Promise<void> {
    await this.#writing;
  }
}
