import { bytesToHex, copyBytes } from "../bytes.ts";
import { CborError, decodeCborSequence, encodeCborSequence } from "../cbor.ts";
import { chunkIdOf, openChunk } from "../envelope/envelope.ts";
import { IncompleteError, TamperedError } from "../errors.ts";
import type { BackupKeys } from "../keys/backup-keys.ts";
import { finish, type Steps } from "../steps.ts";
import { type CutRow, DATA_ROW, LIST_ROW } from "./chunker.ts";
import { type ChunkedEntry, type ChunkRef, readChunkRef, type SectionEntry, totalSize } from "./manifest.ts";
import { type CutBody, recutChunks } from "./recut.ts";

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
  /** The chunks of the body itself, in their order; none where it is inline. */
  list: readonly ChunkRef[];
}

/**
 * Lays a section's body out: inline, or cut into chunks, whose list is cut again while it is long.
 *
 * @param known.sum SHA-256 of the body
 * @param known.before a body of which this one has much
 */
export function storeSection(
  keys: BackupKeys,
  gear: Int32Array,
  name: string,
  body: Uint8Array,
  known: { sum?: Uint8Array; before?: CutBody | undefined } = {},
): StoredSection {
  const { sum = keys.primitives.sha256(body), before } = known;
  const chunks: ChunkMap = new Map();
  const isInline = body.length <= INLINE_BYTES && !NEVER_INLINE.includes(name) && !name.includes(".");
  if (isInline) return { entry: { name, size: body.length, sum, data: body }, chunks, list: [] };

  const cut = (bytes: Uint8Array, row: CutRow, before?: CutBody): ChunkRef[] => {
    const refs = recutChunks(bytes, gear, row, before, (chunk) => chunkIdOf(keys, chunk));
    let start = 0;
    for (const { id, size } of refs) {
      chunks.set(bytesToHex(id), bytes.subarray(start, start + size));
      start += size;
    }
    return refs;
  };
  const list = cut(body, DATA_ROW, before);
  let depth = 0;
  let top = list;
  for (; top.length > LIST_LIMIT; depth++) {
    top = cut(encodeCborSequence(top.map(({ id, size }) => [id, size])), LIST_ROW);
  }
  return { entry: { name, size: body.length, sum, depth, chunks: top }, chunks, list };
}

/** So many chunks are opened from one step to the next: a few milliseconds' work, where nothing is native. */
const CHUNKS_A_STEP = 8;

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
  return finish(readSectionInSteps(keys, entry, source, () => undefined));
}

/**
 * `readSection`, which stops after every few chunks.
 *
 * @param stepAt is told how many bytes of the body are read
 */
export function* readSectionInSteps<Step>(
  keys: BackupKeys,
  entry: SectionEntry,
  source: ChunkSource,
  stepAt: (bytes: number) => Step,
): Steps<Step, { body: Uint8Array; ids: Uint8Array[] }> {
  const ids: ChunkMap = new Map();
  const body = "data" in entry ? copyBytes(entry.data) : yield* readChunked(keys, entry, source, ids, stepAt);
  if (bytesToHex(keys.primitives.sha256(body)) !== bytesToHex(entry.sum)) {
    throw new TamperedError(`Section ${entry.name} does not have its checksum`);
  }
  return { body, ids: [...ids.values()] };
}

function* readChunked<Step>(
  keys: BackupKeys,
  entry: ChunkedEntry,
  source: ChunkSource,
  ids: ChunkMap,
  stepAt: (bytes: number) => Step,
): Steps<Step, Uint8Array> {
  let list = entry.chunks;
  for (let depth = entry.depth; depth > 0; depth--) {
    // A list must be shorter than what it lists, so a few bytes cannot stand for an endless one.
    if (totalSize(list) > entry.size) throw new TamperedError(`Section ${entry.name} has a list longer than itself`);
    list = decodeList(yield* joinChunks(keys, list, source, ids, () => stepAt(0)));
  }
  if (totalSize(list) !== entry.size) throw new TamperedError(`Section ${entry.name} has chunks of another length`);
  return yield* joinChunks(keys, list, source, ids, stepAt);
}

function* joinChunks<Step>(
  keys: BackupKeys,
  list: readonly ChunkRef[],
  source: ChunkSource,
  ids: ChunkMap,
  stepAt: (bytes: number) => Step,
): Steps<Step, Uint8Array> {
  // Before anything is opened or allocated: a missing chunk is worth more to know than what is wrong with another.
  const missing = [...new Set(list.map(({ id }) => bytesToHex(id)))].filter((id) => source(id) === undefined);
  if (missing.length > 0) throw new IncompleteError(`${missing.length} chunks of the backup are missing`, missing);
  const joined = new Uint8Array(totalSize(list));
  let at = 0;
  for (const [index, { id, size }] of list.entries()) {
    const hex = bytesToHex(id);
    joined.set(openChunk(keys, id, size, source(hex) as Uint8Array), at);
    ids.set(hex, id);
    at += size;
    if (index % CHUNKS_A_STEP === 0) yield stepAt(at);
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
