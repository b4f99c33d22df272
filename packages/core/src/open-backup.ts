import { assertBytes, assertKnownOptions, assertUint, bytesToHex, equalBytes } from "./bytes.ts";
import { type BundleHead, decodeBundleHead, decodeWholeBundle } from "./chunks/bundle.ts";
import { decodeManifest, type Manifest } from "./chunks/manifest.ts";
import { readSection } from "./chunks/section-chunks.ts";
import { checksumOfSums, type Sections } from "./dump/checksum.ts";
import { decodeDump } from "./dump/codec.ts";
import type { DumpOf } from "./dump/dump.ts";
import type { AnySectionDefinition } from "./dump/sections.ts";
import { openEnvelope } from "./envelope/envelope.ts";
import { DoesNotDecryptError, InvalidDumpError, TamperedError, TooLargeError } from "./errors.ts";
import { BackupKeys, deriveBackupKeys, type KeySource } from "./keys/backup-keys.ts";
import { MAX_PAYLOAD_BYTES } from "./limits.ts";
import { sealState } from "./state.ts";

/** A seed, for the realm that the bundle names; or keys, for their own realm alone. */
export type Opener =
  | {
      /** Keys are derived from it for the realm that the bundle names, and wiped when it is open. */
      seed: KeySource;
    }
  | {
      /** They stay the caller's to destroy. */
      keys: BackupKeys;
    };

/** What `openBackup` needs beside a bundle and its keys. */
export interface OpenOptions<Definitions extends readonly AnySectionDefinition[]> {
  /** Bytes of all section bodies together; more is refused before it is allocated. `MAX_PAYLOAD_BYTES` by default. */
  maxPayloadBytes?: number | undefined;
  /** Definitions of the wallet's own sections. */
  sections?: Definitions | undefined;
}

/** A backup that passed every check. All of it is the caller's. */
export interface OpenedBackup<Definitions extends readonly AnySectionDefinition[] = []> {
  /** What was backed up. Sections without a definition are `RawSection`s. */
  dump: DumpOf<Definitions>;
  /** Where the backup stands: revision, time, device. */
  manifest: Manifest;
  /** SHA-256 of the envelope, 32 bytes. */
  sha256: Uint8Array;
  /** Section bodies, as the payload checksum covers them. */
  sections: Sections;
  /** Bytes to keep; `previous` of the next backup. */
  state: Uint8Array;
}

/**
 * Opens a download or a `.cloudbackup` file. Nothing is given out before every check has passed.
 *
 * @param bundle whole, as a server sends it; is not changed
 * @param opener whose backup it must be
 * @param options where the defaults do not fit
 * @throws UnsupportedVersionError: made by a newer version;
 *   DoesNotDecryptError: another wallet's (another seed, passphrase or realm);
 *   IncompleteError: a chunk that it lists is not there;
 *   TooLargeError: more than `maxPayloadBytes`;
 *   TamperedError: all else;
 *   TypeError, RangeError: wrong arguments, no fault of the backup
 * @example
 * ```ts
 * import { DoesNotDecryptError, openBackup } from "@cloudbackup/core";
 *
 * const { dump, manifest } = openBackup(bundle, { seed });
 * console.log(dump.accounts.map(({ name }) => name)); // → [ 'Spending' ]
 * console.log(manifest.revision); // → 1
 *
 * try {
 *   openBackup(bundle, { seed: new Uint8Array(64) });
 * } catch (error) {
 *   console.log(error instanceof DoesNotDecryptError); // → true
 * }
 * ```
 * @see docs/format.md §7
 */
export function openBackup<const Definitions extends readonly AnySectionDefinition[] = []>(
  bundle: Uint8Array,
  opener: Opener,
  options: OpenOptions<Definitions> = {},
): OpenedBackup<Definitions> {
  assertBytes(bundle, "bundle");
  assertKnownOptions(options, ["maxPayloadBytes", "sections"], "options");
  const maxPayloadBytes = options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES;
  assertUint(maxPayloadBytes, "maxPayloadBytes");
  const { head, items } = decodeWholeBundle(bundle);
  return withKeys(opener, head.realm, (keys) => {
    const { manifest, sha256 } = openHead(head, keys);
    const payloadBytes = manifest.sections.reduce((total, entry) => total + entry.size, 0);
    if (payloadBytes > maxPayloadBytes) {
      throw new TooLargeError(`The backup has ${payloadBytes} bytes, the limit is ${maxPayloadBytes}`);
    }

    const sealed = new Map(items.map((item) => [bytesToHex(item.id), item.sealed]));
    const sections: Sections = new Map();
    const chunkIds = new Map<string, Uint8Array[]>();
    for (const entry of manifest.sections) {
      const { body, ids } = readSection(keys, entry, (id) => sealed.get(id));
      sections.set(entry.name, body);
      chunkIds.set(entry.name, ids);
    }
    // Every section has its own checksum by now, so that theirs are enough.
    const sums = new Map(manifest.sections.map((entry) => [entry.name, entry.sum]));
    if (!equalBytes(checksumOfSums(sums, keys.primitives), manifest.checksum)) {
      throw new TamperedError("The backup does not have its checksum");
    }
    const dump = decodeSections(sections, options.sections);
    const state = sealState(keys, { manifest, sha256, chunkIds });
    return { dump, manifest, sha256, sections, state };
  });
}

/**
 * Opens the first item of a bundle alone: where a backup stands, not what is in it.
 *
 * @param head the encoded first item, as `?chunks=none` answers it
 * @param keys whose backup it must be, in the realm that it names
 * @throws UnsupportedVersionError: made by a newer version; DoesNotDecryptError: another wallet's; TamperedError: all else
 */
export function openManifest(
  head: Uint8Array,
  keys: BackupKeys,
): {
  /** What the envelope holds. */
  manifest: Manifest;
  /** SHA-256 of the envelope, 32 bytes. */
  sha256: Uint8Array;
} {
  return openHead(decodeBundleHead(head), keys);
}

function openHead(head: BundleHead, keys: BackupKeys): { manifest: Manifest; sha256: Uint8Array } {
  if (bytesToHex(head.wallet) !== keys.walletId || !equalBytes(head.realm, keys.realm)) {
    throw new DoesNotDecryptError(
      "The backup belongs to another wallet: another seed, another passphrase or another realm",
    );
  }
  const manifest = decodeManifest(openEnvelope(keys, head.revision, head.envelope));
  if (manifest.revision !== head.revision) {
    throw new TamperedError(`The backup of revision ${head.revision} says it is revision ${manifest.revision}`);
  }
  return { manifest, sha256: keys.primitives.sha256(head.envelope) };
}

function withKeys<T>(opener: Opener, realm: Uint8Array, use: (keys: BackupKeys) => T): T {
  if (typeof opener !== "object" || opener === null || opener instanceof Uint8Array) {
    throw new TypeError("opener must be { seed } or { keys }");
  }
  if ("keys" in opener) {
    if (!(opener.keys instanceof BackupKeys)) throw new TypeError("keys must be BackupKeys");
    return use(opener.keys);
  }
  if (!("seed" in opener)) throw new TypeError("opener must be { seed } or { keys }");
  const keys = deriveBackupKeys(opener.seed, realm);
  try {
    return use(keys);
  } finally {
    keys.destroy();
  }
}

/** The writer sealed it so, but no writer that keeps the format does: of the format's errors it is *tampered*. */
function decodeSections<const Definitions extends readonly AnySectionDefinition[]>(
  sections: Sections,
  definitions: Definitions | undefined,
): DumpOf<Definitions> {
  try {
    return decodeDump(sections, definitions ? { sections: definitions } : {}) as DumpOf<Definitions>;
  } catch (error) {
    if (error instanceof InvalidDumpError) {
      throw new TamperedError(`The backup holds a record that breaks the format: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
