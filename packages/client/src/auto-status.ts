import type { Progress } from "./progress.ts";
import type { BackupReceipt } from "./write-backup.ts";

/** What is safe since when, and what is being done about the rest. */
export interface AutoStatus {
  /**
   * `idle`: all that is known of is stored; `dirty`: a change waits, or it is not known yet whether one does; `saving`;
   * `failed`: tried again at `retryAt`, else after the next change and every five minutes; `offline`: a change waits for a
   * network; `overdue`: one has waited too long, whatever keeps it from being stored; `conflict`: tried again as after
   * `failed`, but a person must say what stands; `paused`; `closed`.
   */
  readonly state: "idle" | "dirty" | "saving" | "offline" | "conflict" | "overdue" | "failed" | "paused" | "closed";
  /** When the last backup that is known to be stored was: by the server's clock; after a restart, by that of its writer. */
  readonly storedAt: Date | undefined;
  /** When the oldest change that is not stored was told, also to a process before this one; undefined: none waits. */
  readonly unsavedSince: Date | undefined;
  /** Of the backup under way, while it is known. */
  readonly progress: Progress | undefined;
  /** Why the last try failed; undefined once all is stored. */
  readonly error: unknown;
  /** When the next try comes by itself. */
  readonly retryAt: Date | undefined;
  /** The last backup that the server acknowledged in this process. */
  readonly receipt: BackupReceipt | undefined;
}

/** A status that is told to whoever wants to know, and only where it is another. Nothing may follow `closed`. */
export class StatusBoard {
  #shown: AutoStatus;
  readonly #tell: ((status: AutoStatus) => unknown) | undefined;
  /** Called at the next one. */
  #waiting: (() => void)[] = [];

  /** @param tell is called for each after the first; what it throws is its own affair */
  constructor(first: AutoStatus, tell: ((status: AutoStatus) => unknown) | undefined) {
    this.#shown = Object.freeze(first);
    this.#tell = tell;
  }

  get shown(): AutoStatus {
    return this.#shown;
  }

  show(status: AutoStatus): void {
    const names = Object.keys(status) as (keyof AutoStatus)[];
    if (names.every((name) => isSame(status[name], this.#shown[name]))) return;
    this.#shown = Object.freeze(status);
    for (const wake of this.#waiting.splice(0)) wake();
    void this.#inform(status);
  }

  /** The one that is shown, then the latest whenever it is another. */
  async *iterate(): AsyncGenerator<AutoStatus, undefined> {
    let told: AutoStatus | undefined;
    while (told?.state !== "closed") {
      while (told === this.#shown) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      told = this.#shown;
      yield told;
    }
  }

  async #inform(status: AutoStatus): Promise<void> {
    try {
      await this.#tell?.(status);
    } catch {
      // A broken view of the status must not keep the wallet from being backed up.
    }
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return a instanceof Date && b instanceof Date ? +a === +b : a === b;
}
