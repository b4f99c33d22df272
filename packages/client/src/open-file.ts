import { type AnySectionDefinition, type BackupKeys, type DumpOf, type KeySource, openBackup } from "@cloudbackup/core";
import { decodeWholeBundle } from "@cloudbackup/core/wire";
import { bytesToHex } from "@noble/hashes/utils.js";
import { withKeySource } from "./key-source.ts";

/** What `openFile` needs beside the file and its seed. */
export interface OpenFileOptions<Definitions extends readonly AnySectionDefinition[] = []> {
  /** Definitions of the wallet's own sections. */
  sections?: Definitions | undefined;
  /** Bytes of all section bodies together; more is refused before it is allocated. `MAX_PAYLOAD_BYTES` by default. */
  maxPayloadBytes?: number | undefined;
}

/** A `.cloudbackup` file that passed every check. */
export interface OpenedFile<Definitions extends readonly AnySectionDefinition[] = []> {
  /** What was backed up, the caller's. Sections without a definition are `RawSection`s. */
  dump: DumpOf<Definitions>;
  /** Of the backup at its server, from 1. */
  revision: number;
  /** Generation, which orders backups of several servers. */
  gen: number;
  /** When it was written, by its writer's clock. */
  at: Date;
  /** Which installation wrote it, 32 hex characters. */
  device: string;
  /** Program and version that wrote it, where it said so. */
  app: string | undefined;
  /** The server that it was exported from, 32 hex characters as `serverInfo()` has them; zeros where there was none. */
  realm: string;
}

/**
 * Opens a `.cloudbackup` file, offline and by the seed alone. Nothing is given out before every check has passed.
 *
 * Whether it is the newest, nobody can tell without a server: `at`, `revision` and `device` are for a person to look at.
 *
 * @param bytes the file, as `exportFile()` gave it; is not changed
 * @param source whose it must be: seed, `{ xprv }`, `{ exported }`, or keys of any realm; is copied, and wiped after use
 * @param options where the defaults do not fit
 * @throws UnsupportedVersionError: made by a newer version; DoesNotDecryptError: of another seed or passphrase;
 *   IncompleteError: a part is missing; TooLargeError: more than `maxPayloadBytes`; TamperedError: all else;
 *   TypeError, RangeError: wrong arguments, no fault of the file
 * @example
 * ```ts
 * import { openFile } from "@cloudbackup/client";
 *
 * const file = await wallet.exportFile(); // to be kept as spending.cloudbackup
 *
 * const opened = openFile(file, seed);
 * console.log(opened.revision, opened.dump.accounts[0]?.name); // → 1 Spending
 * ```
 * @see docs/format.md §6
 */
export function openFile<const Definitions extends readonly AnySectionDefinition[] = []>(
  bytes: Uint8Array,
  source: KeySource | BackupKeys,
  options: OpenFileOptions<Definitions> = {},
): OpenedFile<Definitions> {
  const { dump, manifest } = withKeySource(source, (seed) => openBackup(bytes, { seed }, options));
  return {
    dump,
    revision: manifest.revision,
    gen: manifest.gen,
    at: new Date(manifest.at),
    device: bytesToHex(manifest.device),
    app: manifest.app,
    realm: bytesToHex(decodeWholeBundle(bytes).head.realm),
  };
}
