import { type BackupCache, PreparedDump, prepareDump } from "./backup-cache.ts";
import { assertBytes, assertKnownOptions, assertUint, concatBytes, equalBytes, hexToBytes } from "./bytes.ts";
import { type ChunkItem, encodeBundle } from "./chunks/bundle.ts";
import { gearTable } from "./chunks/chunker.ts";
import { encodeManifest, type Manifest, type MirrorMark, type SectionEntry } from "./chunks/manifest.ts";
import type { ChunkMap } from "./chunks/section-chunks.ts";
import { checksumOfSums, type Sections } from "./dump/checksum.ts";
import { REQUIRED_SECTIONS } from "./dump/codec.ts";
import type { Dump } from "./dump/dump.ts";
import { compareText } from "./dump/order.ts";
import { type AnySectionDefinition, assertSectionName } from "./dump/sections.ts";
import { type Random, sealChunk, sealEnvelope } from "./envelope/envelope.ts";
import { TooLargeError } from "./errors.ts";
import { BackupKeys } from "./keys/backup-keys.ts";
import { MAX_PAYLOAD_BYTES } from "./limits.ts";
import { type BackupState, chunkIdsOf, readState, sealState } from "./state.ts";

/** What a backup is made of. Nothing in it is changed but `cache`. */
export interface CreateBackupOptions {
  /**
   * What is backed up, or what `prepareDump` made of it by the same keys. Sections that it lacks are carried over from
   * `previous`; an empty one is removed.
   */
  dump: Dump | PreparedDump;
  /** Those of the wallet, in the realm of the server that the backup is for. */
  keys: BackupKeys;
  /** Random id of this installation, 16 bytes. */
  device: Uint8Array;
  /** Unix milliseconds. */
  now: number;
  /** For nonces: every envelope and every chunk takes 24 bytes of it. */
  random: Random;
  /** The state of the backup that this one replaces; without it there is none. */
  previous?: Uint8Array | undefined;
  /** The backup that this one replaces where its state is not known. Excludes `previous`. */
  replaces?:
    | {
        /** Its revision. */
        revision: number;
        /** SHA-256 of its envelope, 32 bytes; null: there is none, but its revision was taken. */
        sha256: Uint8Array | null;
        /** Its `chain`, 32 bytes; null: it cannot be told, the new one begins a chain. */
        chain: Uint8Array | null;
        /** The greatest generation seen. */
        gen: number;
      }
    | undefined;
  /** Program and version that write it: `acme-wallet/1.2`. */
  app?: string | undefined;
  /** SHA-256 of envelopes that the server had acknowledged and lost, whose content this dump holds; 32 bytes each. By default those of `previous`. */
  heals?: readonly Uint8Array[] | undefined;
  /** What other servers had last acknowledged. By default what `previous` says of them. */
  mirrors?: readonly MirrorMark[] | undefined;
  /** By default one above the previous. Any higher one makes the bundle whole. */
  revision?: number | undefined;
  /** By default one above the previous. */
  gen?: number | undefined;
  /** Starts from nothing (`base` 0) although there is a previous backup, and seals every chunk of the dump again. */
  whole?: boolean | undefined;
  /** Sections to remove, beside those that the dump has empty. All others that it lacks are carried over. */
  remove?: readonly string[] | undefined;
  /** Definitions of the wallet's own sections. */
  sections?: readonly AnySectionDefinition[] | undefined;
  /** What came of the wallet's dump before, so that not all of it is done again. */
  cache?: BackupCache | undefined;
  /** Names of all sections that may differ from the dump that the cache saw last; without it, any may. */
  changed?: readonly string[] | undefined;
}

/** A sealed backup, ready to be sent. All of it is the caller's. */
export interface Backup {
  /** What is posted: see `@cloudbackup/core/wire`. */
  bundle: Uint8Array;
  /** The encrypted payload's head: the sealed manifest, which is in the bundle too. */
  envelope: Uint8Array;
  /** SHA-256 of the envelope, 32 bytes. */
  sha256: Uint8Array;
  /** What the envelope holds. */
  manifest: Manifest;
  /** Bytes to keep; `previous` of the next backup once a server has acknowledged this one. */
  state: Uint8Array;
  /** What it took. */
  stats: {
    /** Names of the sections that differ from the previous backup, removed ones included. */
    changed: string[];
    /** Bytes of all section bodies. */
    payloadBytes: number;
    /** Chunks in use, lists included. */
    chunks: number;
    /** Chunks sealed into this bundle. */
    newChunks: number;
  };
}

const OPTIONS = [
  "dump", "keys", "device", "now", "random", "previous", "replaces", "app", "heals", "mirrors",
  "revision", "gen", "whole", "remove", "sections", "cache", "changed",
]; // biome-ignore format: a list of names

/**
 * Seals a dump: sections, chunks, manifest, envelope, bundle.
 *
 * With `previous` the bundle is an update that holds what changed.
 *
 * @param options nothing in it is changed but `cache`, and nothing of it kept
 * @throws InvalidDumpError: the dump breaks a rule of its sections; TooLargeError: more than `MAX_PAYLOAD_BYTES`, or more
 *   sections than a manifest holds; TypeError or RangeError for wrong options, an unreadable `previous` among them
 * @example
 * ```ts
 * import { createBackup, deriveBackupKeys, NO_REALM } from "@cloudbackup/core";
 *
 * const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
 * using keys = deriveBackupKeys(seed, NO_REALM);
 * const options = { keys, random, device: random(16), now: Date.now() };
 * const first = createBackup({ ...options, dump });
 *
 * const labels = [{ type: "addr", ref: "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", label: "Rent" }];
 * const second = createBackup({ ...options, dump: { ...dump, labels }, previous: first.state });
 * console.log(second.manifest.revision, second.stats.changed); // → 2 [ 'labels' ]
 * ```
 * @see docs/format.md §2 to §6
 */
export function createBackup(options: CreateBackupOptions): Backup {
  assertOptions(options);
  const { keys, random } = options;
  const previous = previousOf(options);
  const base = parentOf(previous, options);
  const revision = options.revision ?? base.revision + 1;
  if (revision <= base.revision) throw new RangeError(`revision must be above ${base.revision}, it is ${revision}`);
  const isUpdate = previous !== null && options.whole !== true && revision === base.revision + 1;

  const prepared = preparedOf(options);
  const remove = [...(options.remove ?? []), ...prepared.emptied];
  const changed = changesOf(sumsOf(prepared), previous, remove);
  const unchanged = new Set(isUpdate ? [...prepared.sections.keys()].filter((name) => !changed.includes(name)) : []);
  const laidOut = layOut(prepared, previous, { remove, unchanged });
  const payloadBytes = laidOut.entries.reduce((total, entry) => total + entry.size, 0);
  if (payloadBytes > MAX_PAYLOAD_BYTES) {
    throw new TooLargeError(`The dump has ${payloadBytes} bytes, a backup holds ${MAX_PAYLOAD_BYTES}`);
  }

  const manifest: Manifest = {
    revision,
    gen: options.gen ?? base.gen + 1,
    ...linkTo(keys, base),
    heals: options.heals ?? previous?.manifest.heals ?? [],
    mirrors: options.mirrors ?? previous?.manifest.mirrors ?? [],
    at: options.now,
    device: options.device,
    app: options.app,
    checksum: checksumOfSums(new Map(laidOut.entries.map(({ name, sum }) => [name, sum])), keys.primitives),
    sections: laidOut.entries,
  };
  const envelope = sealEnvelope(keys, revision, encodeManifest(manifest), random);
  const sha256 = keys.primitives.sha256(envelope);
  const state: BackupState = { manifest, sha256, chunkIds: laidOut.chunkIds };

  const before = isUpdate ? chunkIdsOf(previous) : new Set<string>();
  const after = chunkIdsOf(state);
  const add = [...after].filter((id) => !before.has(id)).sort();
  const drop = [...before].filter((id) => !after.has(id)).sort();
  const items = add.flatMap((hex): ChunkItem[] => {
    const chunk = laidOut.chunks.get(hex);
    const id = hexToBytes(hex);
    return chunk ? [{ id, sealed: sealChunk(keys, id, chunk, random) }] : [];
  });
  const bundle = encodeBundle({
    head: {
      realm: keys.realm,
      wallet: hexToBytes(keys.walletId),
      revision,
      after: base.sha256,
      base: isUpdate ? base.revision : 0,
      envelope,
      add: add.map(hexToBytes),
      drop: drop.map(hexToBytes),
    },
    items,
  });
  const stats = {
    changed,
    payloadBytes,
    chunks: after.size,
    newChunks: items.length,
  };
  return { bundle, envelope, sha256, manifest, state: sealState(keys, state), stats };
}

/**
 * Names of the sections in which a dump differs from a backup: changed, new or removed. Sections that the dump lacks count
 * as carried over unless `remove` names them. Ascending.
 *
 * @param prepared what `prepareDump` made of a dump
 * @param state of the backup, as `readState` opened it; null: there is none, every section is new
 * @param options `remove`: names of sections to remove
 */
export function changedSections(
  prepared: PreparedDump,
  state: BackupState | null,
  options: { remove?: readonly string[] } = {},
): string[] {
  return changesOf(sumsOf(prepared), state, [...(options.remove ?? []), ...prepared.emptied]);
}

function changesOf(sums: Sections, state: BackupState | null, remove: readonly string[]): string[] {
  const before = new Map(state?.manifest.sections.map((entry) => [entry.name, entry.sum]) ?? []);
  const changed = [...sums].filter(([name, sum]) => !equalBytes(before.get(name) ?? new Uint8Array(), sum));
  const removed = new Set(remove.filter((name) => before.has(name) && !sums.has(name)));
  return [...changed.map(([name]) => name), ...removed].sort(compareText);
}

/** SHA-256 of each body. */
function sumsOf({ sections }: PreparedDump): Sections {
  return new Map([...sections].map(([name, { sum }]) => [name, sum]));
}

function preparedOf({ dump, keys, sections, cache, changed }: CreateBackupOptions): PreparedDump {
  return dump instanceof PreparedDump ? dump : prepareDump(dump, { keys, sections, cache, changed });
}

/**
 * The next link of a chain: SHA-256(chain ‖ sha256 of the envelope that is replaced), 32 bytes.
 *
 * @param keys for their SHA-256
 * @param chain the link before, 32 bytes; zeros before the first
 * @param sha256 of the envelope that is replaced, 32 bytes
 * @see docs/format.md §4
 */
export function foldChain(keys: BackupKeys, chain: Uint8Array, sha256: Uint8Array): Uint8Array {
  return keys.primitives.sha256(concatBytes(chain, sha256));
}

function layOut(
  { keys, sections }: PreparedDump,
  previous: BackupState | null,
  { remove, unchanged }: { remove: readonly string[]; unchanged: ReadonlySet<string> },
): { entries: SectionEntry[]; chunks: ChunkMap; chunkIds: Map<string, Uint8Array[]> } {
  const entries: SectionEntry[] = [];
  const chunks: ChunkMap = new Map();
  const chunkIds = new Map<string, Uint8Array[]>();
  const carry = (entry: SectionEntry) => {
    entries.push(entry);
    chunkIds.set(entry.name, [...(previous?.chunkIds.get(entry.name) ?? [])]);
  };
  const before = new Map(previous?.manifest.sections.map((entry) => [entry.name, entry]) ?? []);
  let table: Int32Array | undefined;
  const gear = () => {
    table ??= gearTable(keys);
    return table;
  };
  for (const [name, section] of sections) {
    const entry = before.get(name);
    if (entry && unchanged.has(name)) {
      carry(entry);
      continue;
    }
    const stored = section.store(gear);
    entries.push(stored.entry);
    for (const [id, chunk] of stored.chunks) chunks.set(id, chunk);
    chunkIds.set(name, [...stored.chunks.keys()].map(hexToBytes));
  }
  for (const [name, entry] of before) if (!sections.has(name) && !remove.includes(name)) carry(entry);
  entries.sort((a, b) => compareText(a.name, b.name));
  return { entries, chunks, chunkIds };
}

/** Where the new backup stands: what it replaces, or nothing. */
function parentOf(previous: BackupState | null, options: CreateBackupOptions) {
  if (previous) {
    const { revision, chain, gen } = previous.manifest;
    return { revision, sha256: previous.sha256, chain, gen };
  }
  return options.replaces ?? { revision: 0, sha256: null, chain: null, gen: 0 };
}

function linkTo(keys: BackupKeys, base: { sha256: Uint8Array | null; chain: Uint8Array | null }) {
  const { sha256, chain } = base;
  if (!sha256 || !chain) return { parent: null, chain: new Uint8Array(32) };
  return { parent: sha256, chain: foldChain(keys, chain, sha256) };
}

function previousOf(options: CreateBackupOptions): BackupState | null {
  if (options.previous === undefined) return null;
  assertBytes(options.previous, "previous");
  const state = readState(options.previous, options.keys);
  if (state === null) throw new RangeError("previous cannot be read with these keys");
  return state;
}

function assertOptions(options: CreateBackupOptions): void {
  assertKnownOptions(options, OPTIONS, "createBackup");
  if (typeof options.dump !== "object" || options.dump === null) throw new TypeError("dump must be an object");
  if (!(options.keys instanceof BackupKeys)) throw new TypeError("keys must be BackupKeys");
  assertBytes(options.device, "device", 16);
  assertUint(options.now, "now");
  if (typeof options.random !== "function") throw new TypeError("random must be a function");
  if (options.revision !== undefined) assertUint(options.revision, "revision", 1);
  if (options.gen !== undefined) assertUint(options.gen, "gen", 1);
  if (options.previous !== undefined && options.replaces !== undefined) {
    throw new TypeError("previous and replaces exclude each other");
  }
  // What would be sealed, and then refused by every reader, must not be sealed.
  const { app, whole, replaces } = options;
  if (app !== undefined && typeof app !== "string") throw new TypeError("app must be text");
  if (whole !== undefined && typeof whole !== "boolean") throw new TypeError("whole must be true or false");
  if (replaces) {
    assertUint(replaces.revision, "replaces.revision");
    assertUint(replaces.gen, "replaces.gen");
    if (replaces.sha256 !== null) assertBytes(replaces.sha256, "replaces.sha256", 32);
    if (replaces.chain !== null) assertBytes(replaces.chain, "replaces.chain", 32);
  }
  for (const sha256 of options.heals ?? []) assertBytes(sha256, "heals", 32);
  for (const mirror of options.mirrors ?? []) {
    assertBytes(mirror.realm, "realm of mirrors", 16);
    assertUint(mirror.revision, "revision of mirrors", 1);
    assertBytes(mirror.sha256, "sha256 of mirrors", 32);
  }
  if (options.remove !== undefined && !Array.isArray(options.remove)) throw new TypeError("remove must be an array");
  for (const name of options.remove ?? []) {
    assertSectionName(name, "a name in remove");
    if (REQUIRED_SECTIONS.includes(name)) throw new RangeError(`remove names ${name}, which every backup has`);
    if (hasSection(options.dump, name)) throw new RangeError(`remove names ${name}, which the dump has`);
  }
  if (!(options.dump instanceof PreparedDump)) return;
  if (options.dump.keys !== options.keys) throw new TypeError("dump was prepared for other keys");
  for (const key of ["sections", "cache", "changed"] as const) {
    if (options[key] !== undefined) throw new TypeError(`${key} is an option of prepareDump where dump is prepared`);
  }
}

function hasSection(dump: Dump | PreparedDump, name: string): boolean {
  if (dump instanceof PreparedDump) return dump.sections.has(name) || dump.emptied.includes(name);
  return Object.hasOwn(dump, name) && dump[name] !== undefined;
}
