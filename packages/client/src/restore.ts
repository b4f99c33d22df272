import type { AnySectionDefinition, DumpOf } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import { WentBackError } from "./errors.ts";
import type { OnProgress } from "./progress.ts";
import { readBackup, takeOver } from "./read-backup.ts";
import { type InTurn, takingOver } from "./taking-over.ts";
import type { WalletParts } from "./wallet-parts.ts";

/** What is restored. */
export interface RestoreOptions {
  /** Aborts; `signal.reason` is thrown. */
  signal?: AbortSignal | undefined;
  /** Told of the download, then of the opening. */
  onProgress?: OnProgress | undefined;
  /** An older revision, to look at: it never becomes this device's. */
  revision?: number | undefined;
  /** The least generation to expect; a lower one means that the server went back. */
  minGen?: number | undefined;
}

/** A backup that passed every check. It is this device's only once it is accepted. */
export interface RestoredBackup<Definitions extends readonly AnySectionDefinition[] = []> {
  /** What was backed up, the caller's. Sections without a definition are `RawSection`s. */
  dump: DumpOf<Definitions>;
  /** From 1. */
  revision: number;
  /** Generation, which orders backups of several servers: what a person may be shown, and `minGen` compared with. */
  gen: number;
  /** When it was written, by its writer's clock. */
  at: Date;
  /** Which installation wrote it, 32 hex characters. */
  device: string;
  /** Program and version that wrote it, where it said so. */
  app: string | undefined;
  /**
   * Whether this device was told of changes (`autoBackup().changed()`) that no server has acknowledged: a wallet that now
   * loads the dump over what it holds loses them.
   */
  unsavedChanges: boolean;
  /**
   * Says that the wallet took the dump: only now does this device hold what the server holds, and may back up.
   *
   * @throws RevisionConflictError where this device has gone on meanwhile; TypeError for an older revision
   */
  accept(): Promise<void>;
}

/**
 * Reads a backup for a wallet to take over.
 *
 * @throws what `WalletBackup.restore` does
 */
export async function restore<Definitions extends readonly AnySectionDefinition[]>(
  parts: WalletParts,
  options: RestoreOptions,
  inTurn: InTurn,
): Promise<RestoredBackup<Definitions>> {
  const { revision, minGen } = options;
  const read = await readBackup<Definitions>(parts, revision ?? "latest", options);
  const unsavedChanges = (await parts.local.dirtySince(0)) !== undefined;
  // The wallet is about to load another content, of which nobody says what has changed.
  parts.dumps.forget();
  const { dump, manifest } = read.opened;
  if (minGen !== undefined && manifest.gen < minGen) {
    throw new WentBackError(
      `The server holds generation ${manifest.gen}, at least ${minGen} was expected: it went back`,
    );
  }
  return {
    dump,
    revision: manifest.revision,
    gen: manifest.gen,
    at: new Date(manifest.at),
    device: bytesToHex(manifest.device),
    app: manifest.app,
    unsavedChanges,
    accept: async () => {
      if (revision !== undefined) {
        throw new TypeError("an older revision never becomes this device's: restore the latest");
      }
      await takingOver(parts, inTurn, () => takeOver(parts, read));
    },
  };
}
