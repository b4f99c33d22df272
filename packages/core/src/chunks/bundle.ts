import { assertBytes, bytesToHex, compareBytes, joinBytes } from "../bytes.ts";
import { CborError, type CborValue, decodeCbor, decodeCborSequence, encodeCbor, encodeCborSequence } from "../cbor.ts";
import { readBytes, readList, readMap, readTuple, readUint, readVersion } from "../cbor-fields.ts";
import { MAX_SEALED_CHUNK_BYTES, MAX_SEALED_ENVELOPE_BYTES, MIN_SEALED_BYTES } from "../envelope/sizes.ts";
import { IncompleteError, TamperedError, UnsupportedVersionError } from "../errors.ts";

/*
 * A bundle is a CBOR sequence: a map (the head), then zero or more items [id bytes 32, sealed chunk], ascending by id.
 *
 *   head = { "format": 1, "realm": bytes 16, "wallet": bytes 32, "revision": uint, "after": bytes 32 or null,
 *            "base": uint, "envelope": bytes, "add": [id, …], "drop": [id, …] }
 *
 * The chunks in use at `revision` are those in use at `base` (none at 0), less `drop`, plus `add`.
 */

/** The format number that this library reads and writes. */
export const FORMAT = 1;
/** Length of a realm. */
export const REALM_BYTES = 16;
/** Length of the id of a chunk, or of a wallet. */
export const ID_BYTES = 32;

/** How what others send is decoded: an id takes 34 bytes, a chunk more. */
const WIRE = { views: true, minItemBytes: 16 } as const;

/** The first item of a bundle. Ids ascend, each once; `add` and `drop` are disjoint. @see docs/format.md §6 */
export interface BundleHead {
  /** Which server's data this is, 16 bytes. */
  realm: Uint8Array;
  /** The wallet's id, 32 bytes. */
  wallet: Uint8Array;
  /** From 1. */
  revision: number;
  /** SHA-256 of the envelope that this one replaces, 32 bytes; null where there is none, and in downloads and files. */
  after: Uint8Array | null;
  /** 0: `add` is all there is. Otherwise the revision that `add` and `drop` start from. */
  base: number;
  /** A sealed envelope. */
  envelope: Uint8Array;
  /** Ids of chunks that come into use. */
  add: Uint8Array[];
  /** Ids of chunks of `base` that go out of use. */
  drop: Uint8Array[];
}

/** A sealed chunk and its id. */
export interface ChunkItem {
  /** 32 bytes; who has no keys cannot tell whether it is the chunk's. */
  id: Uint8Array;
  /** 58 bytes to `MAX_SEALED_CHUNK_BYTES`. */
  sealed: Uint8Array;
}

/** An upload, a download or a file. */
export interface Bundle {
  /** Whose backup, which revision, which chunks. */
  head: BundleHead;
  /** Ascending by id, each once, each in `add` of the head. */
  items: ChunkItem[];
}

/**
 * Encodes the first item: what a server keeps of a commit, and puts in front of a download.
 *
 * @param head is not changed
 * @returns the caller's bytes
 * @throws RangeError where the head breaks the rules of a bundle
 * @example
 * ```ts
 * import { decodeBundle, encodeBundleHead, encodeChunkItem } from "@cloudbackup/core/wire";
 *
 * const { head, items } = decodeBundle(bundle);
 * const download = [encodeBundleHead({ ...head, after: null }), ...items.map(encodeChunkItem)];
 * console.log(download.length === 1 + head.add.length); // → true
 * ```
 */
export function encodeBundleHead(head: BundleHead): Uint8Array {
  const { realm, wallet, revision, after, base, envelope, add, drop } = head;
  const map = { format: FORMAT, realm, wallet, revision, after, base, envelope, add, drop };
  try {
    readHead(map);
  } catch (error) {
    if (error instanceof CborError) throw new RangeError(`head: ${error.message}`);
    throw error;
  }
  return encodeCbor(map);
}

/**
 * Encodes one `[id, sealed chunk]`.
 *
 * @param item is not changed
 * @returns the caller's bytes
 * @throws TypeError, RangeError where `id` has not 32 bytes, or `sealed` is no Uint8Array
 */
export function encodeChunkItem(item: ChunkItem): Uint8Array {
  return encodeCbor(tupleOf(item));
}

/**
 * A bundle in one array, the caller's.
 *
 * @param bundle `items` ascend by id, which is not checked
 * @throws RangeError where the head breaks the rules of a bundle
 */
export function encodeBundle(bundle: Bundle): Uint8Array {
  return joinBytes([encodeBundleHead(bundle.head), encodeCborSequence(bundle.items.map(tupleOf))]);
}

/**
 * Reads a bundle, upload or download. What it holds is sealed, and is not looked at.
 *
 * @param bytes are not changed; all byte strings of the result are views into them
 * @throws UnsupportedVersionError for another format, TamperedError for all else that is not a bundle
 * @example
 * ```ts
 * import { decodeBundle, TamperedError } from "@cloudbackup/core/wire";
 *
 * const { head, items } = decodeBundle(bundle);
 * console.log(head.revision, head.base, items.length === head.add.length); // → 1 0 true
 *
 * try {
 *   decodeBundle(bundle.subarray(1));
 * } catch (error) {
 *   console.log(error instanceof TamperedError); // → true
 * }
 * ```
 */
export function decodeBundle(bytes: Uint8Array): Bundle {
  assertBytes(bytes, "bytes");
  return reading("bundle", () => {
    const sequence = decodeCborSequence(bytes, WIRE);
    const first = sequence.next();
    if (first.done) throw new CborError("it is empty");
    const head = readHead(first.value);
    const items = readItems(sequence);
    const added = new Set(head.add.map(bytesToHex));
    for (const item of items) {
      if (!added.has(bytesToHex(item.id))) throw new CborError(`chunk ${bytesToHex(item.id)} is not in "add"`);
    }
    return { head, items };
  });
}

/**
 * Reads a bundle as a server sends it and as a file holds it: base 0, `after` null, every chunk there.
 *
 * @param bytes are not changed; all byte strings of the result are views into them
 * @throws UnsupportedVersionError for another format; IncompleteError where a chunk of `add` does not follow;
 *   TamperedError for all else
 */
export function decodeWholeBundle(bytes: Uint8Array): Bundle {
  const bundle = decodeBundle(bytes);
  const { head, items } = bundle;
  if (head.base !== 0) throw new TamperedError(`The backup is only a change of revision ${head.base}`);
  if (head.after !== null)
    throw new TamperedError('The backup has "after", which only an upload has: downloads and files have none');
  if (items.length < head.add.length) {
    const there = new Set(items.map((item) => bytesToHex(item.id)));
    const missing = head.add.map(bytesToHex).filter((id) => !there.has(id));
    throw new IncompleteError(`${missing.length} of ${head.add.length} chunks of the backup are missing`, missing);
  }
  return bundle;
}

/**
 * Reads the first item alone, as `?chunks=none` answers it.
 *
 * @param bytes hold nothing else; byte strings of the result are views into them
 * @throws UnsupportedVersionError for another format, TamperedError for all else
 */
export function decodeBundleHead(bytes: Uint8Array): BundleHead {
  assertBytes(bytes, "bytes");
  return reading("bundle", () => readHead(decodeCbor(bytes, WIRE)));
}

/**
 * Reads a CBOR sequence of chunk items, ascending by id, each once: the body of an upload of chunks.
 *
 * @param bytes are not changed; all byte strings of the result are views into them
 * @throws TamperedError where they are anything else
 */
export function decodeChunkItems(bytes: Uint8Array): ChunkItem[] {
  assertBytes(bytes, "bytes");
  return reading("sequence of chunks", () => readItems(decodeCborSequence(bytes, WIRE)));
}

/**
 * One CBOR array of ids.
 *
 * @param ids 32 bytes each, in any order
 * @returns the caller's bytes
 * @throws TypeError, RangeError for what is no id
 */
export function encodeIds(ids: readonly Uint8Array[]): Uint8Array {
  for (const id of ids) assertBytes(id, "id", ID_BYTES);
  return encodeCbor(ids);
}

/**
 * Reads one CBOR array of ids, in any order.
 *
 * @param bytes are not changed; the ids are views into them
 * @throws TamperedError where they are anything else
 */
export function decodeIds(bytes: Uint8Array): Uint8Array[] {
  assertBytes(bytes, "bytes");
  return reading("list of ids", () => readIds(decodeCbor(bytes, WIRE), "it"));
}

function tupleOf({ id, sealed }: ChunkItem): [Uint8Array, Uint8Array] {
  assertBytes(id, "id", ID_BYTES);
  assertBytes(sealed, "sealed");
  return [id, sealed];
}

function reading<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof CborError) {
      throw new TamperedError(`This is not a valid ${what}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function readHead(value: CborValue): BundleHead {
  const map = readMap(value, "its head");
  const format = readVersion(map.format, "its format");
  if (format !== FORMAT) {
    throw new UnsupportedVersionError(`The backup has format ${format}, this library reads format ${FORMAT}`);
  }
  const head: BundleHead = {
    realm: readBytes(map.realm, "realm", REALM_BYTES),
    wallet: readBytes(map.wallet, "wallet", ID_BYTES),
    revision: readUint(map.revision, "revision", 1),
    after: map.after === null ? null : readBytes(map.after, "after", ID_BYTES),
    base: readUint(map.base, "base"),
    envelope: readBytes(map.envelope, "envelope"),
    add: readIds(map.add, "add"),
    drop: readIds(map.drop, "drop"),
  };
  assertHead(head);
  return head;
}

function readItems(sequence: Iterable<CborValue>): ChunkItem[] {
  const items: ChunkItem[] = [];
  for (const value of sequence) {
    const [id, sealed] = readTuple(value, "a chunk item", 2);
    const item = { id: readBytes(id, "a chunk's id", ID_BYTES), sealed: readBytes(sealed, "a sealed chunk") };
    if (item.sealed.length < MIN_SEALED_BYTES || item.sealed.length > MAX_SEALED_CHUNK_BYTES) {
      throw new CborError(`a sealed chunk has ${item.sealed.length} bytes`);
    }
    const before = items.at(-1);
    if (before && compareBytes(before.id, item.id) >= 0) throw new CborError("chunks out of order or twice");
    items.push(item);
  }
  return items;
}

/** The rules that a head must keep beyond the types of its keys. */
function assertHead(head: BundleHead): void {
  if (head.base >= head.revision) throw new CborError("its base is not below its revision");
  if (head.envelope.length < MIN_SEALED_BYTES || head.envelope.length > MAX_SEALED_ENVELOPE_BYTES) {
    throw new CborError(`its envelope has ${head.envelope.length} bytes`);
  }
  assertAscending(head.add, "add");
  assertAscending(head.drop, "drop");
  if (head.base === 0 && head.drop.length > 0) throw new CborError('it has "drop", but no base');
  const added = new Set(head.add.map(bytesToHex));
  if (head.drop.some((id) => added.has(bytesToHex(id)))) throw new CborError('an id is in "add" and in "drop"');
}

function assertAscending(ids: readonly Uint8Array[], key: string): void {
  for (let i = 1; i < ids.length; i++) {
    if (compareBytes(ids[i - 1] as Uint8Array, ids[i] as Uint8Array) >= 0) {
      throw new CborError(`"${key}" is out of order or has an id twice`);
    }
  }
}

function readIds(value: CborValue | undefined, key: string): Uint8Array[] {
  return readList(value, key).map((id) => readBytes(id, `an id of ${key}`, ID_BYTES));
}
