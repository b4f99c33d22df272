import { type BackupKeys, type BackupState, type ChunkMap, chunkIdsOf, readState } from "@cloudbackup/core";
import type { ChunkItem } from "@cloudbackup/core/wire";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Storage } from "./storage.ts";

/** A state, as it is kept and opened. */
export interface KnownState {
  bytes: Uint8Array;
  state: BackupState;
}

const BASE = "state";
const PENDING = "pending";
const DIRTY = "dirty";
const CHUNKS = "chunks/";

/**
 * What this device keeps of one wallet at one server: the *base* (the backup that it last wrote or took over), a *pending*
 * one (sent, not yet acknowledged), the chunks of both as they travelled, and whether the wallet has changed since. All
 * sealed under the wallet's keys; what cannot be read counts as absent.
 */
export class LocalState {
  readonly #storage: Storage;
  readonly #keys: BackupKeys;

  /** @param storage of this wallet's entries alone */
  constructor(storage: Storage, keys: BackupKeys) {
    this.#storage = storage;
    this.#keys = keys;
  }

  base(): Promise<KnownState | null> {
    return this.#load(BASE);
  }

  pending(): Promise<KnownState | null> {
    return this.#load(PENDING);
  }

  /** Before a commit is sent. Its new chunks first, so that a state never lacks one. */
  async savePending(bytes: Uint8Array, chunks: readonly ChunkItem[]): Promise<void> {
    await this.#saveChunks(chunks);
    await this.#storage.set(PENDING, bytes);
  }

  /** By the receipt: the pending state is the base. */
  async promotePending(): Promise<void> {
    const pending = await this.#storage.get(PENDING);
    if (!pending) return;
    await this.#storage.set(BASE, pending);
    await this.#storage.delete(PENDING);
    await this.#dropUnusedChunks();
  }

  /** The pending commit did not, and will not, arrive. */
  async dropPending(): Promise<void> {
    await this.#storage.delete(PENDING);
    await this.#dropUnusedChunks();
  }

  /** A backup of the server became this device's. */
  async adopt(bytes: Uint8Array, chunks: readonly ChunkItem[]): Promise<void> {
    await this.#saveChunks(chunks);
    await this.#storage.set(BASE, bytes);
    await this.#storage.delete(PENDING);
    await this.#dropUnusedChunks();
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

  async isDirty(): Promise<boolean> {
    return (await this.#storage.get(DIRTY)) !== undefined;
  }

  async setDirty(dirty: boolean): Promise<void> {
    if (dirty) await this.#storage.set(DIRTY, new Uint8Array(1));
    else await this.#storage.delete(DIRTY);
  }

  /** Forgets everything of this wallet at this server. */
  async clear(): Promise<void> {
    for (const key of await this.#storage.keys("")) await this.#storage.delete(key);
  }

  async #load(key: string): Promise<KnownState | null> {
    const bytes = await this.#storage.get(key);
    const state = bytes ? readState(bytes, this.#keys) : null;
    return bytes && state ? { bytes, state } : null;
  }

  async #saveChunks(chunks: readonly ChunkItem[]): Promise<void> {
    for (const { id, sealed } of chunks) await this.#storage.set(CHUNKS + bytesToHex(id), sealed);
  }

  async #dropUnusedChunks(): Promise<void> {
    const states = [await this.base(), await this.pending()];
    const inUse = new Set(states.flatMap((known) => (known ? [...chunkIdsOf(known.state)] : [])));
    for (const key of await this.#storage.keys(CHUNKS)) {
      if (!inUse.has(key.slice(CHUNKS.length))) await this.#storage.delete(key);
    }
  }
}
