import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { encodeBundleHead } from "@cloudbackup/core/wire";
import { bufferOf, freeBytes, hexOf } from "../bytes.ts";
import type { BackupRow, Chunk, Store } from "../store/store.ts";

/*
 * A download is a bundle: a map, its keys in the order of their encoded bytes, then the chunks.
 *
 *   a9                                  map of 9
 *   63 61 64 64                         "add"
 *   9a 00 00 12 34                      array head (RFC 8949 §3), then as many ids, 58 20 ‖ 32 bytes each
 *   64 62 61 73 65 00 …                 the other eight keys
 *   82 58 20 <id> 59 <length> <sealed>  one item for each id
 *
 * The ids stand in the map, and both they and the chunks are read in small batches, so that a download takes the same
 * memory whatever the wallet holds. No batch spans a wait: the database is free in between. What changes meanwhile
 * leaves the stream shorter than it promised, which cuts the connection instead of looking whole; a small download, which
 * is one buffer, is answered 500.
 */

/** A download up to this is one buffer: a stream would cost more than its bytes. */
export const MAX_WHOLE_BYTES = 128 * 1024;
const IDS_PER_BATCH = 1024;
/** A sealed chunk has up to 67,632 bytes. */
const CHUNKS_PER_BATCH = 16;
/** `a9 63 "add"`, in front of the array's head. */
const BEFORE_ADD_BYTES = 5;
/** `80`, an array without items. */
const EMPTY_ARRAY_BYTES = 1;
/** `58 20`: a byte string of 32 bytes follows. */
const ID_HEAD = Buffer.of(0x58, 0x20);
const ENCODED_ID_BYTES = 34;
/** `82 58 20`: an array of two, the first one an id. */
const ITEM_HEAD = Buffer.of(0x82, 0x58, 0x20);

export interface Download {
  body: Readable | Buffer;
  byteLength: number;
}

/** A stored revision as a bundle, whole or, with `headOnly`, its first item. */
export async function createDownload(
  store: Store,
  wallet: Uint8Array,
  backup: BackupRow,
  options: { headOnly: boolean },
): Promise<Download> {
  const { count, itemBytes } = await store.chunks.sizeOfRevision(wallet, backup.revision);
  const head = encodeBundleHead({
    realm: store.identity.realm,
    wallet,
    revision: backup.revision,
    after: null,
    base: 0,
    envelope: backup.envelope,
    add: [],
    drop: [],
  });
  const before = Buffer.concat([head.subarray(0, BEFORE_ADD_BYTES), arrayHead(count)]);
  const rest = bufferOf(head).subarray(BEFORE_ADD_BYTES + EMPTY_ARRAY_BYTES);
  const headBytes = before.length + count * ENCODED_ID_BYTES + rest.length;

  const byteLength = options.headOnly ? headBytes : headBytes + itemBytes;
  const { revision } = backup;
  if (!options.headOnly && byteLength <= MAX_WHOLE_BYTES) {
    const chunks = count === 0 ? [] : await store.chunks.ofRevision(wallet, revision, null, count);
    const ids = encodedIds(chunks.map(({ id }) => id));
    return { body: wholeOf([before, ...ids, rest, ...encodedItems(chunks)], byteLength), byteLength };
  }

  async function* parts(): AsyncGenerator<Buffer> {
    yield before;
    for await (const ids of idBatches(store, wallet, revision)) yield Buffer.concat(encodedIds(ids));
    yield rest;
    if (options.headOnly) return;
    for await (const chunks of chunkBatches(store, wallet, revision)) yield joinedItems(chunks);
  }
  return { body: await bufferOrStream(parts(), byteLength), byteLength };
}

/** Chunk items ascending by id, of those of the ids that are there. @param sizes by hex id, of what is there */
export async function createChunkDownload(
  store: Store,
  wallet: Uint8Array,
  sizes: ReadonlyMap<string, number>,
): Promise<Download> {
  const ids = [...sizes.keys()].sort();
  let byteLength = 0;
  for (const size of sizes.values()) byteLength += itemLength(size);

  async function* parts(): AsyncGenerator<Buffer> {
    for (let at = 0; at < ids.length; at += CHUNKS_PER_BATCH) {
      const batch = ids.slice(at, at + CHUNKS_PER_BATCH).map((id) => Buffer.from(id, "hex"));
      yield joinedItems(await store.chunks.read(wallet, batch));
    }
  }
  return { body: await bufferOrStream(parts(), byteLength), byteLength };
}

async function* idBatches(store: Store, wallet: Uint8Array, revision: number): AsyncGenerator<Uint8Array[]> {
  let after: Uint8Array | null = null;
  do {
    const ids: Uint8Array[] = await store.chunks.idsOfRevision(wallet, revision, after, IDS_PER_BATCH);
    after = ids.length < IDS_PER_BATCH ? null : (ids.at(-1) ?? null);
    if (ids.length > 0) yield ids;
  } while (after !== null);
}

async function* chunkBatches(store: Store, wallet: Uint8Array, revision: number): AsyncGenerator<Chunk[]> {
  let after: Uint8Array | null = null;
  do {
    const chunks: Chunk[] = await store.chunks.ofRevision(wallet, revision, after, CHUNKS_PER_BATCH);
    after = chunks.length < CHUNKS_PER_BATCH ? null : (chunks.at(-1)?.id ?? null);
    if (chunks.length > 0) yield chunks;
  } while (after !== null);
}

async function bufferOrStream(parts: AsyncIterable<Buffer>, byteLength: number): Promise<Readable | Buffer> {
  if (byteLength > MAX_WHOLE_BYTES) return streamOf(parts, byteLength);
  const all: Buffer[] = [];
  for await (const part of parts) all.push(part);
  return wholeOf(all, byteLength);
}

function wholeOf(parts: readonly Buffer[], byteLength: number): Buffer {
  const whole = Buffer.concat(parts);
  if (whole.length !== byteLength) throw changedMeanwhile();
  return whole;
}

/** Fails where the parts do not make up what the reply's head has promised. */
function streamOf(parts: AsyncIterable<Buffer>, byteLength: number): Readable {
  async function* counted(): AsyncGenerator<Buffer> {
    let sent = 0;
    for await (const part of parts) {
      sent += part.length;
      if (sent > byteLength) break;
      yield part;
      // A fast reader asks for the next part in the same turn of the event loop, which others are waiting for. Not after
      // the last: the reader has all then, and takes the reply for ended.
      if (sent < byteLength) await setImmediate();
    }
    if (sent !== byteLength) throw changedMeanwhile();
  }
  return Readable.from(counted(), { objectMode: false });
}

function changedMeanwhile(): Error {
  return new Error("what is being downloaded changed meanwhile");
}

/** Items in one buffer, by one copy. The chunks are given up. */
function joinedItems(chunks: readonly Chunk[]): Buffer {
  const items = Buffer.concat(encodedItems(chunks));
  for (const { sealed } of chunks) freeBytes(sealed);
  return items;
}

/** Parts that joined are what core's `encodeChunkItem` makes of each chunk. */
function encodedItems(chunks: readonly Chunk[]): Buffer[] {
  return chunks.flatMap(({ id, sealed }) => [ITEM_HEAD, bufferOf(id), cborHead(2, sealed.length), bufferOf(sealed)]);
}

/** Parts that joined are the ids as an array's items. */
function encodedIds(ids: readonly Uint8Array[]): Buffer[] {
  return ids.flatMap((id) => [ID_HEAD, bufferOf(id)]);
}

function itemLength(sealedBytes: number): number {
  return 1 + ENCODED_ID_BYTES + cborHead(2, sealedBytes).length + sealedBytes;
}

function arrayHead(count: number): Buffer {
  return cborHead(4, count);
}

/** Head of a CBOR item: 3 bits major type, then its argument in the shortest form (RFC 8949 §3). */
function cborHead(major: number, argument: number): Buffer {
  const type = major << 5;
  if (argument < 24) return Buffer.of(type | argument);
  if (argument < 0x100) return Buffer.of(type | 24, argument);
  if (argument < 0x10000) return Buffer.of(type | 25, argument >> 8, argument & 0xff);
  const head = Buffer.alloc(5, type | 26);
  head.writeUInt32BE(argument, 1);
  return head;
}

/** The tag of a whole download; of its head alone, which has other bytes, another one. */
export function entityTag(sha256: Uint8Array, headOnly: boolean): string {
  return `"${hexOf(sha256)}${headOnly ? "-head" : ""}"`;
}

/** Whether `If-None-Match` names the tag; compared weakly (RFC 9110 §13.1.2). */
export function matchesEntityTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === "*" || header.split(",").some((each) => each.trim().replace(/^W\//, "") === tag);
}
