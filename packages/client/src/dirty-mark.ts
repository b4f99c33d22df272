import type { Clock } from "./clock.ts";
import type { LocalState } from "./local-state.ts";

/** Where the mark is kept. */
export interface DirtyStore {
  /** When the oldest change that is not stored was told, in Unix milliseconds. */
  dirtySince(): Promise<number | undefined>;
  /**
   * @param since undefined takes the mark away
   * @param keepsEarlier an earlier mark, of a process before, stays
   * @returns what is kept then
   */
  setDirty(since: number | undefined, keepsEarlier: boolean): Promise<number | undefined>;
}

/** That of one wallet at one server. */
export function dirtyStoreOf(local: LocalState, clock: Clock): DirtyStore {
  return {
    dirtySince: () => local.dirtySince(clock.now()),
    async setDirty(since, keepsEarlier) {
      const earlier = keepsEarlier && since !== undefined ? await local.dirtySince(since) : undefined;
      if (earlier === undefined || earlier === since) await local.setDirty(since);
      return earlier ?? since;
    },
  };
}

/** The mark in the storage that a wallet has changed, and since when. It is written only where it is another. */
export class DirtyMark {
  readonly #store: DirtyStore;
  #since: number | undefined;
  /** What the storage holds; NaN: not known. */
  #kept: number | undefined = Number.NaN;
  /** Whether what a process before has left is known. */
  #isLoaded = false;
  #writing: Promise<void> | undefined;

  constructor(store: DirtyStore) {
    this.#store = store;
  }

  /** Unix milliseconds; undefined: nothing waits. */
  get since(): number | undefined {
    return this.#since;
  }

  /** Reads, once, what a process before has left. @throws what the storage does */
  async load(): Promise<void> {
    if (this.#isLoaded) return;
    const kept = await this.#store.dirtySince();
    // A change that was told meanwhile has been written, or is about to be.
    if (!this.#isLoaded && !this.#writing) this.#keep(kept);
  }

  /** Begins to write before it returns, unless another write is under way. */
  set(since: number | undefined): void {
    this.#since = since;
    if (!this.#writing && this.#kept !== since) this.#writing = this.#write();
  }

  /** Resolves when nothing is being written. Never rejects. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      while (this.#kept !== this.#since) {
        const since = this.#since;
        this.#kept = Number.NaN;
        const kept = await this.#store.setDirty(since, !this.#isLoaded);
        if (this.#isLoaded) this.#kept = kept;
        else this.#keep(kept);
      }
    } catch {
      // A mark that cannot be written is no reason not to back up, and the look at the next start needs none.
    } finally {
      this.#writing = undefined;
    }
  }

  #keep(kept: number | undefined): void {
    this.#isLoaded = true;
    this.#kept = kept;
    if (kept !== undefined) this.#since = Math.min(kept, this.#since ?? kept);
  }
}
