import { assertBytes, assertKnownOptions, assertUint, bytesToHex, equalBytes } from "./bytes.ts";
import { type BundleHead, decodeBundleHead, decodeWholeBundle } from "./chunks/bundle.ts";
import { decodeManifest, type Manifest } from "./chunks/manifest.ts";
import { readSectionInSteps } from "./chunks/section-chunks.ts";
import { checksumOfSums, type Sections } from "./dump/checksum.ts";
import { decodeDumpInSteps } from "./dump/codec.ts";
import type { DumpOf } from "./dump/dump.ts";
import type { AnySectionDefinition } from "./dump/sections.ts";
import { openEnvelope } from "./envelope/envelope.ts";
import { DoesNotDecryptError, InvalidDumpError, TamperedError, TooLargeError } from "./errors.ts";
import { BackupKeys, deriveBackupKeys, type KeySource } from "./keys/backup-keys.ts";
import { MAX_PAYLOAD_BYTES } from "./limits.ts";
import { sealState } from "./state.ts";
import { finish, type Steps } from "./steps.ts";

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
  return finish(openBackupInSteps(bundle, opener, options));
}

/** Where the opening of a backup stands. */
export interface OpeningStep {
  /** The section whose bytes are being opened, or whose records are being decoded. */
  section: string;
  /** Bytes of section bodies that were read and opened. */
  done: number;
  /** Bytes of all section bodies. */
  total: number;
}

/**
 * `openBackup` for who must do something else in between: it stops after every few chunks that it opened, and before every section that
 * it decodes, so that a page stays responsive.
 *
 * @param bundle as `openBackup` takes it; must not be changed meanwhile
 * @param opener as `openBackup` takes it
 * @param options as `openBackup` takes them
 * @returns a generator of where it stands; what it returns at last is the opened backup
 * @throws what `openBackup` throws, when it comes to what is wrong
 * @example
 * ```ts
 * import { openBackupInSteps } from "@cloudbackup/core";
 *
 * const steps = openBackupInSteps(bundle, { seed });
 * let step = steps.next();
 * const sections: string[] = [];
 * for (; !step.done; step = steps.next()) sections.push(step.value.section);
 * console.log(sections, step.value.manifest.revision); // → [ 'accounts', 'pairings' ] 1
 * ```
 */
export function* openBackupInSteps<const Definitions extends readonly AnySectionDefinition[] = []>(
  bundle: Uint8Array,
  opener: Opener,
  options: OpenOptions<Definitions> = {},
): Steps<OpeningStep, OpenedBackup<Definitions>> {
  assertBytes(bundle, "bundle");
  assertKnownOptions(options, ["maxPayloadBytes", "sections"], "options");
  const maxPayloadBytes = options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES;
  assertUint(maxPayloadBytes, "maxPayloadBytes");
  const { head, items } = decodeWholeBundle(bundle);
  const { keys, isOwn } = keysOf(opener, head.realm);
  try {
    const { manifest, sha256 } = openHead(head, keys);
    const total = manifest.sections.reduce((bytes, entry) => bytes + entry.size, 0);
    if (total > maxPayloadBytes) {
      throw new TooLargeError(`The backup has ${total} bytes, the limit is ${maxPayloadBytes}`);
    }

    const sealed = new Map(items.map((item) => [bytesToHex(item.id), item.sealed]));
    const sections: Sections = new Map();
    const chunkIds = new Map<string, Uint8Array[]>();
    let done = 0;
    for (const entry of manifest.sections) {
      const section = entry.name;
      const stepAt = (bytes: number): OpeningStep => ({ section, done: done + bytes, total });
      const { body, ids } = yield* readSectionInSteps(keys, entry, (id) => sealed.get(id), stepAt);
      sections.set(section, body);
      chunkIds.set(section, ids);
      done += body.length;
    }
    // Every section has its own checksum by now, so that theirs are enough.
    const sums = new Map(manifest.sections.map((entry) => [entry.name, entry.sum]));
    if (!equalBytes(checksumOfSums(sums, keys.primitives), manifest.checksum)) {
      throw new TamperedError("The backup does not have its checksum");
    }
    const dump = yield* decodeSections(sections, options.sections, (section) => ({ section, done, total }));
    const state = sealState(keys, { manifest, sha256, chunkIds });
    return { dump, manifest, sha256, sections, state };
  } finally {
    if (isOwn) keys.destroy();
  }
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

/** `isOwn`: they are wiped when the backup is open. */
function keysOf(opener: Opener, realm: Uint8Array): { keys: BackupKeys; isOwn: boolean } {
  if (typeof opener !== "object" || opener === null || opener instanceof Uint8Array) {
    throw new TypeError("opener must be { seed } or { keys }");
  }
  if ("keys" in opener) {
    if (!(opener.keys instanceof BackupKeys)) throw new TypeError("keys must be BackupKeys");
    return { keys: opener.keys, isOwn: false };
  }
  if (!("seed" in opener)) throw new TypeError("opener must be { seed } or { keys }");
  return { keys: deriveBackupKeys(opener.seed, realm), isOwn: true };
}

/** The writer sealed it so, but no writer that keeps the format does: of the format's errors it is *tampered*. */
function* decodeSections<const Definitions extends readonly AnySectionDefinition[]>(
  sections: Sections,
  definitions: Definitions | undefined,
  stepAt: (section: string) => OpeningStep,
): Steps<OpeningStep, DumpOf<Definitions>> {
  try {
    return yield* decodeDumpInSteps(sections, definitions ? { sections: definitions } : {}, stepAt);
  } catch (error) {
    if (error instanceof InvalidDumpError) {
      throw new TamperedError(`The backup holds a record that breaks the format: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
