import {
  type Backup,
  type BackupKeys,
  type BackupState,
  type ChunkMap,
  chunkIdsOf,
  openAtHome,
  readState,
  readStateSections,
  sealAtHome,
} from "@cloudbackup/core";
import type { Bundle, BundleHead, ChunkItem } from "@cloudbackup/core/wire";
import { bytesToHex } from "@noble/hashes/utils.js";
import { encodePending, headOfPending, stateOfPending } from "./outbox.ts";
import type { Storage } from "./storage.ts";

/** A state, as it is kept and opened. */
export interface KnownState {
  bytes: Uint8Array;
  state: BackupState;
}

/** A backup that was begun and can be sent again, byte for byte. */
export interface PendingBackup extends KnownState {
  head: BundleHead;
}

const BASE = "state";
/** Followed by the SHA-256 of the envelope. */
const PENDING = "pending/";
const DIRTY = "dirty";
/** Followed by the chunk's id. */
const CHUNKS = "chunks/";
/** A commit that got no answer can still arrive for some minutes, while that many others are tried. */
const MAX_PENDING = 8;
/** The base, and the pending one that takes its place. */
const OPENED = 2;
/** What is written at a time: a storage that syncs each write takes several at once. */
const WRITES_AT_ONCE = 16;

/**
 * What this device keeps of one wallet at one server: the *base* (the backup that it last wrote or took over), the
 * *pending* ones (begun, not acknowledged), the chunks of all of them as they travelled, and since when the wallet holds
 * more than that. All of it is sealed under the wallet's keys; what cannot be read counts as absent.
 */
export class LocalState {
  readonly #storage: Storage;
  readonly #keys: BackupKeys;
  /**
   * SHA-256 of the backups, hex, that this process found when it began, made or took over. Another process on the same storage,
   * as the tab beside, may make others: of these its wallet knows nothing.
   */
  readonly own: Set<string>;
  /**
   * Whether all chunks that are kept were looked through for those that nobody uses, as a process that died leaves them. From
   * then on the states tell which ones a new base makes useless, so that keeping a backup costs what changed.
   */
  #isSwept = false;
  #opened: KnownState[] = [];

  /** @param storage of this wallet's entries alone */
  constructor(storage: Storage, keys: BackupKeys, own = new Set<string>()) {
    this.#storage = storage;
    this.#keys = keys;
    this.own = own;
  }

  /** What is kept now is this process's. */
  async adopt(): Promise<void> {
    const base = await this.base();
    if (base) this.own.add(bytesToHex(base.state.sha256));
    for (const key of await this.#storage.keys(PENDING)) this.own.add(key.slice(PENDING.length));
  }

  base(): Promise<KnownState | null> {
    return this.#load(BASE);
  }

  /** The pending state of that envelope, where it is this process's. @param sha256 hex; null and undefined are none */
  async pending(sha256: string | null | undefined): Promise<KnownState | null> {
    return sha256 && this.own.has(sha256) ? this.#load(PENDING + sha256) : null;
  }

  async hasPending(): Promise<boolean> {
    return (await this.#storage.keys(PENDING)).length > 0;
  }

  /** Before anything of a backup is sent. Its new chunks first, so that a state never lacks one. */
  async savePending({ state, sha256 }: Pick<Backup, "state" | "sha256">, { head, items }: Bundle): Promise<void> {
    const hex = bytesToHex(sha256);
    const key = PENDING + hex;
    this.own.add(hex);
    await this.#saveChunks(items);
    await this.#dropOldestPending();
    await this.#storage.set(key, encodePending(this.#keys, key, state, head));
  }

  /**
   * The newest pending backup that follows on what is current at the server. Others stay until there is another base: they may
   * have arrived before what is current now. Those that cannot be read are dropped.
   */
  async pendingAfter(current: { revision: number; sha256: string | null }): Promise<PendingBackup | null> {
    let newest: PendingBackup | null = null;
    for (const key of await this.#storage.keys(PENDING)) {
      const known = await this.#load(key);
      const head = known && headOfPending(this.#keys, key, known.kept);
      const after = head?.after ? bytesToHex(head.after) : null;
      if (!head) {
        await this.#storage.delete(key);
        this.#isSwept = false;
        continue;
      }
      const isOwn = this.own.has(key.slice(PENDING.length));
      const follows = isOwn && after === current.sha256 && head.revision > current.revision;
      if (follows && (!newest || known.state.manifest.at >= newest.state.manifest.at)) newest = { ...known, head };
    }
    return newest;
  }

  /** The server has refused that backup: it will not arrive. */
  async dropPending(sha256: Uint8Array): Promise<void> {
    await this.#storage.delete(PENDING + bytesToHex(sha256));
    await this.#dropUnusedChunks();
  }

  /** A backup became this device's: by a receipt for a pending one, or taken over from the server with its chunks. */
  async setBase(bytes: Uint8Array, chunks: readonly ChunkItem[] = []): Promise<void> {
    const replaced = await this.#chunkIdsInUse();
    await this.#saveChunks(chunks);
    await this.#storage.set(BASE, bytes);
    // What others sent before cannot follow on this one any more.
    for (const key of await this.#storage.keys(PENDING)) await this.#storage.delete(key);
    if (!this.#isSwept) {
      await this.#dropUnusedChunks();
      this.#isSwept = true;
      return;
    }
    const inUse = await this.#chunkIdsInUse();
    for (const id of replaced) if (!inUse.has(id)) await this.#storage.delete(CHUNKS + id);
  }

  /**
   * Bodies of sections of a backup whose state is kept here, by the chunks that are.
   *
   * @throws IncompleteError, TamperedError where they cannot be read any more
   */
  async sections(state: BackupState, names: readonly string[]): Promise<Map<string, Uint8Array>> {
    const ids = names.flatMap((name) => (state.chunkIds.get(name) ?? []).map(bytesToHex));
    return readStateSections(this.#keys, state, names, await this.chunks(ids));
  }

  /** Those of the chunks that are kept here, sealed. */
  async chunks(ids: Iterable<string>): Promise<ChunkMap> {
    const chunks: ChunkMap = new Map();
    for (const id of ids) {
      const sealed = await this.#storage.get(CHUNKS + id);
      if (sealed) chunks.set(id, sealed);
    }
    return chunks;
  }

  /**
   * When the oldest change was told that no server has acknowledged, Unix milliseconds.
   *
   * @param now is what counts where the mark does not say, and its latest
   */
  async dirtySince(now: number): Promise<number | undefined> {
    const kept = await this.#storage.get(DIRTY);
    if (!kept) return undefined;
    const plain = openAtHome(this.#keys, DIRTY, kept);
    const since = plain ? Number(new TextDecoder().decode(plain)) : now;
    return Number.isSafeInteger(since) ? Math.min(since, now) : now;
  }

  /** @param since undefined takes the mark away */
  async setDirty(since: number | undefined): Promise<void> {
    if (since === undefined) await this.#storage.delete(DIRTY);
    else await this.#storage.set(DIRTY, sealAtHome(this.#keys, DIRTY, new TextEncoder().encode(String(since))));
  }

  /** Forgets everything of this wallet at this server. */
  async clear(): Promise<void> {
    for (const key of await this.#storage.keys("")) await this.#storage.delete(key);
  }

  /** @param key of the base, or of a pending one */
  async #load(key: string): Promise<(KnownState & { kept: Uint8Array }) | null> {
    const kept = await this.#storage.get(key);
    const bytes = kept && (key === BASE ? kept : stateOfPending(kept));
    const state = bytes ? this.#open(bytes) : null;
    if (!kept || !bytes || !state) return null;
    return key === BASE || key === PENDING + bytesToHex(state.sha256) ? { bytes, state, kept } : null;
  }

  /** Of a large wallet a state lists thousands of chunks: the same one is not opened again. */
  #open(bytes: Uint8Array): BackupState | null {
    const known = this.#opened.find((each) => isSame(each.bytes, bytes));
    if (known) return known.state;
    const state = readState(bytes, this.#keys);
    if (state) this.#opened = [{ bytes, state }, ...this.#opened].slice(0, OPENED);
    return state;
  }

  async #saveChunks(chunks: readonly ChunkItem[]): Promise<void> {
    for (let at = 0; at < chunks.length; at += WRITES_AT_ONCE) {
      const some = chunks.slice(at, at + WRITES_AT_ONCE);
      await Promise.all(some.map(({ id, sealed }) => this.#storage.set(CHUNKS + bytesToHex(id), sealed)));
    }
  }

  async #dropOldestPending(): Promise<void> {
    const keys = await this.#storage.keys(PENDING);
    if (keys.length < MAX_PENDING) return;
    const known = await Promise.all(keys.map(async (key) => ({ key, at: (await this.#load(key))?.state.manifest.at })));
    known.sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
    for (const { key } of known.slice(0, keys.length - MAX_PENDING + 1)) await this.#storage.delete(key);
    // No state tells any more which chunks were theirs.
    this.#isSwept = false;
  }

  /** Of the base and all pending states. */
  async #chunkIdsInUse(): Promise<Set<string>> {
    const inUse = new Set<string>();
    for (const key of [BASE, ...(await this.#storage.keys(PENDING))]) {
      const known = await this.#load(key);
      if (known) for (const id of chunkIdsOf(known.state)) inUse.add(id);
    }
    return inUse;
  }

  async #dropUnusedChunks(): Promise<void> {
    const inUse = await this.#chunkIdsInUse();
    for (const key of await this.#storage.keys(CHUNKS)) {
      if (!inUse.has(key.slice(CHUNKS.length))) await this.#storage.delete(key);
    }
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
