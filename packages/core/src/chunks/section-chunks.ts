import { bytesToHex, copyBytes } from "../bytes.ts";
import { CborError, decodeCborSequence, encodeCborSequence } from "../cbor.ts";
import { chunkIdOf, openChunk } from "../envelope/envelope.ts";
import { IncompleteError, TamperedError } from "../errors.ts";
import type { BackupKeys } from "../keys/backup-keys.ts";
import { type CutRow, cutChunks, DATA_ROW, LIST_ROW } from "./chunker.ts";
import { type ChunkedEntry, type ChunkRef, readChunkRef, type SectionEntry, totalSize } from "./manifest.ts";

/** A body of at most so many bytes travels in the manifest. */
const INLINE_BYTES = 4 * 1024;
/** A list of more chunks is cut into chunks itself. */
const LIST_LIMIT = 48;
/** Others can choose bytes of these, and of a wallet's own sections: they never share a DEFLATE stream with the rest. */
const NEVER_INLINE = ["transactions", "headers", "filters"];

/** Chunks by id in lower-case hex. */
export type ChunkMap = Map<string, Uint8Array>;

/** An entry and all the chunks it is made of, those of its lists included. */
export interface StoredSection {
  entry: SectionEntry;
  chunks: ChunkMap;
}

/**
 * Lays a section's body out: inline, or cut into chunks, whose list is cut again while it is long.
 *
 * @param sum SHA-256 of the body, where it is known already
 */
export function storeSection(
  keys: BackupKeys,
  gear: Int32Array,
  name: string,
  body: Uint8Array,
  sum: Uint8Array = keys.primitives.sha256(body),
): StoredSection {
  const chunks: ChunkMap = new Map();
  const isInline = body.length <= INLINE_BYTES && !NEVER_INLINE.includes(name) && !name.includes(".");
  if (isInline) return { entry: { name, size: body.length, sum, data: body }, chunks };

  const cut = (bytes: Uint8Array, row: CutRow): ChunkRef[] =>
    cutChunks(bytes, gear, row).map((chunk) => {
      const id = chunkIdOf(keys, chunk);
      chunks.set(bytesToHex(id), chunk);
      return { id, size: chunk.length };
    });
  let depth = 0;
  let list = cut(body, DATA_ROW);
  for (; list.length > LIST_LIMIT; depth++) {
    list = cut(encodeCborSequence(list.map(({ id, size }) => [id, size])), LIST_ROW);
  }
  return { entry: { name, size: body.length, sum, depth, chunks: list }, chunks };
}

/** Where a reader finds the sealed chunk of an id (lower-case hex). */
export type ChunkSource = (id: string) => Uint8Array | undefined;

/**
 * Reads a section's body back, and checks it against the entry.
 *
 * @returns the body, the caller's, and the ids of all chunks that were read, lists first, each once
 * @throws IncompleteError where a chunk is not there, TamperedError for all else
 */
export function readSection(
  keys: BackupKeys,
  entry: SectionEntry,
  source: ChunkSource,
): { body: Uint8Array; ids: Uint8Array[] } {
  const ids: ChunkMap = new Map();
  const body = "data" in entry ? copyBytes(entry.data) : readChunked(keys, entry, source, ids);
  if (bytesToHex(keys.primitives.sha256(body)) !== bytesToHex(entry.sum)) {
    throw new TamperedError(`Section ${entry.name} does not have its checksum`);
  }
  return { body, ids: [...ids.values()] };
}

function readChunked(keys: BackupKeys, entry: ChunkedEntry, source: ChunkSource, ids: ChunkMap): Uint8Array {
  let list = entry.chunks;
  for (let depth = entry.depth; depth > 0; depth--) {
    // A list must be shorter than what it lists, so a few bytes cannot stand for an endless one.
    if (totalSize(list) > entry.size) throw new TamperedError(`Section ${entry.name} has a list longer than itself`);
    list = decodeList(joinChunks(keys, list, source, ids));
  }
  if (totalSize(list) !== entry.size) throw new TamperedError(`Section ${entry.name} has chunks of another length`);
  return joinChunks(keys, list, source, ids);
}

function joinChunks(keys: BackupKeys, list: readonly ChunkRef[], source: ChunkSource, ids: ChunkMap): Uint8Array {
  // Before anything is opened or allocated: a missing chunk is worth more to know than what is wrong with another.
  const missing = [...new Set(list.map(({ id }) => bytesToHex(id)))].filter((id) => source(id) === undefined);
  if (missing.length > 0) throw new IncompleteError(`${missing.length} chunks of the backup are missing`, missing);
  const joined = new Uint8Array(totalSize(list));
  let at = 0;
  for (const { id, size } of list) {
    const hex = bytesToHex(id);
    joined.set(openChunk(keys, id, size, source(hex) as Uint8Array), at);
    ids.set(hex, id);
    at += size;
  }
  return joined;
}

function decodeList(body: Uint8Array): ChunkRef[] {
  const list: ChunkRef[] = [];
  try {
    for (const value of decodeCborSequence(body)) list.push(readChunkRef(value));
  } catch (error) {
    if (error instanceof CborError)
      throw new TamperedError(`A list of chunks is not valid: ${error.message}`, { cause: error });
    throw error;
  }
  return list;
}
