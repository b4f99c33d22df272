import type { BackupOptions } from "./write-backup.ts";

/** Of the one backup that they were given for. */
export type FlushOptions = Pick<BackupOptions, "allowShrink" | "remove"> & {
  /** How many must have stored it; by default the quorum. */
  servers?: number | undefined;
};

/** What one backup is to hold, and how. */
export interface Batch extends FlushOptions {
  /** Names of sections that may differ from the last backup that was stored; undefined: any may. */
  sections: readonly string[] | undefined;
}

const NOTHING: Batch = { sections: [] };

/** Counts the changes of a wallet. What a backup holds is every change up to the count before its dump was read. */
export class Changes {
  told = 0;
  /** Of the last try, be it stored or not. */
  tried = 0;
  stored = 0;
  /** When the first one was told that no backup has tried. */
  firstAt: number | undefined;
  #untried = NOTHING;

  /** @returns the count with this one */
  count(now: number, batch: Batch): number {
    this.#untried = united(this.#untried, batch);
    this.firstAt ??= now;
    return ++this.told;
  }

  /** All that were told, for the backup that begins. */
  take(): Batch {
    const batch = this.#untried;
    this.#untried = NOTHING;
    this.firstAt = undefined;
    this.tried = this.told;
    return batch;
  }

  /** It was not stored. */
  putBack(batch: Batch): void {
    this.#untried = united(batch, this.#untried);
  }

  /** Sections that may differ in a dump that is read now: what was told since the batch is in it, too. */
  sectionsWith(batch: Batch): readonly string[] | undefined {
    return united(batch, this.#untried).sections;
  }
}

function united(a: Batch, b: Batch): Batch {
  return {
    sections: a.sections && b.sections && [...new Set([...a.sections, ...b.sections])],
    allowShrink: a.allowShrink || b.allowShrink,
    remove: [...(a.remove ?? []), ...(b.remove ?? [])],
    servers: Math.max(a.servers ?? 1, b.servers ?? 1),
  };
}
