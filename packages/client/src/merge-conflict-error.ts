import type { Dump, MergeConflict } from "@cloudbackup/core";
import { RevisionConflictError } from "./errors.ts";

/** What both devices changed must be decided by a person: the wallet's `resolve` threw. Nothing was taken over, or stored. */
export class MergeConflictError extends RevisionConflictError {
  override readonly code = "ERR_CB_MERGE_CONFLICT";
  // Private, so that a log of the error does not show what the wallet holds.
  readonly #sides: { conflicts: readonly MergeConflict[]; local: Dump; remote: Dump };

  constructor(
    current: { revision: number; sha256: string },
    sides: { conflicts: readonly MergeConflict[]; local: Dump; remote: Dump },
    cause: unknown,
  ) {
    super(current.revision, current.sha256, { cause });
    this.message = `This device and revision ${current.revision}, of another one, changed the same: a person must decide`;
    this.#sides = sides;
  }

  /** Up to the one that nobody decided, which is the last. */
  get conflicts(): readonly MergeConflict[] {
    return this.#sides.conflicts;
  }

  /** What this device holds. */
  get local(): Dump {
    return this.#sides.local;
  }

  /** What the server holds. */
  get remote(): Dump {
    return this.#sides.remote;
  }
}
