import { bytesToHex } from "../bytes.ts";
import { CborError, type CborMap, type CborValue, decodeCbor, encodeCbor } from "../cbor.ts";
import { readBytes, readList, readMap, readText, readTuple, readUint, readVersion } from "../cbor-fields.ts";
import { REQUIRED_SECTIONS } from "../dump/codec.ts";
import { compareText } from "../dump/order.ts";
import { isSectionName } from "../dump/sections.ts";
import { MAX_CHUNK_BYTES, MAX_MANIFEST_BYTES } from "../envelope/sizes.ts";
import { TamperedError, TooLargeError, UnsupportedVersionError } from "../errors.ts";

/** The manifest version that this library reads and writes. */
const VERSION = 1;
/** Lists of lists of lists of lists of chunks: no body needs more. */
const MAX_DEPTH = 4;

/** What an envelope holds: where this backup stands, and what its sections are. @see docs/format.md §4 */
export interface Manifest {
  /** Revision on this server, from 1. */
  revision: number;
  /** Generation: orders backups of different servers, from 1. */
  gen: number;
  /** SHA-256 of the envelope that this one replaces on this server, 32 bytes; null if none. */
  parent: Uint8Array | null;
  /** 32 zero bytes without a parent, else SHA-256(chain of the parent ‖ parent). */
  chain: Uint8Array;
  /** SHA-256, 32 bytes each, of envelopes that this server had acknowledged and lost, whose content is merged here. */
  heals: readonly Uint8Array[];
  /** What other servers had last acknowledged. */
  mirrors: readonly MirrorMark[];
  /** Unix milliseconds by the writer's clock; shown to people, never used to order. */
  at: number;
  /** Random id of the installation that wrote it, 16 bytes. */
  device: Uint8Array;
  /** Program and version that wrote it. */
  app: string | undefined;
  /** Payload checksum, 32 bytes. */
  checksum: Uint8Array;
  /** Ascending by name. */
  sections: readonly SectionEntry[];
}

/** A backup that another server had acknowledged. */
export interface MirrorMark {
  /** That of the other server, 16 bytes. */
  realm: Uint8Array;
  /** Revision there, from 1. */
  revision: number;
  /** SHA-256 of the envelope, 32 bytes. */
  sha256: Uint8Array;
}

/** A section in a manifest: whole, or as the top of its list of chunks. */
export type SectionEntry = InlineEntry | ChunkedEntry;

interface EntryBase {
  /** Of the section. */
  name: string;
  /** Length of the body in bytes. */
  size: number;
  /** SHA-256 of the body, 32 bytes. */
  sum: Uint8Array;
}

/** A section whose body is in the manifest. @inline */
interface InlineEntry extends EntryBase {
  /** The body. */
  data: Uint8Array;
}

/** A section whose body was cut into chunks. @inline */
export interface ChunkedEntry extends EntryBase {
  /** How many lists were cut into chunks themselves. */
  depth: number;
  /** Those of the body, or of the topmost list, in their order. */
  chunks: readonly ChunkRef[];
}

/** A chunk as a list names it. @inline */
export interface ChunkRef {
  /** HMAC-SHA-256 of the chunk, 32 bytes. */
  id: Uint8Array;
  /** 1 to 65,536 bytes. */
  size: number;
}

/** @throws TooLargeError where the manifest is longer than an envelope may hold */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const encoded = encodeCbor({
    v: VERSION,
    rev: manifest.revision,
    gen: manifest.gen,
    parent: manifest.parent,
    chain: manifest.chain,
    heals: manifest.heals.length > 0 ? manifest.heals : undefined,
    mirrors:
      manifest.mirrors.length > 0
        ? manifest.mirrors.map(({ realm, revision, sha256 }) => [realm, revision, sha256])
        : undefined,
    at: manifest.at,
    device: manifest.device,
    app: manifest.app,
    sum: manifest.checksum,
    sections: manifest.sections.map(encodeEntry),
  });
  if (encoded.length > MAX_MANIFEST_BYTES) {
    throw new TooLargeError(`The dump has too many sections: their manifest has ${encoded.length} bytes`);
  }
  return encoded;
}

/** @throws UnsupportedVersionError for another `v`, TamperedError for all else that is no manifest */
export function decodeManifest(bytes: Uint8Array): Manifest {
  try {
    return readManifest(decodeCbor(bytes));
  } catch (error) {
    if (error instanceof CborError) {
      throw new TamperedError(`The manifest is not valid: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function encodeEntry(entry: SectionEntry): CborMap {
  const { name, size, sum } = entry;
  if ("data" in entry) return { name, size, sum, data: entry.data };
  return { name, size, sum, depth: entry.depth, chunks: entry.chunks.map(({ id, size }) => [id, size]) };
}

/** One entry of a list of chunks, `[id bytes 32, size uint]`. @throws CborError */
export function readChunkRef(value: CborValue): ChunkRef {
  const [first, second] = readTuple(value, "a chunk", 2);
  const id = readBytes(first, "a chunk's id", 32);
  const size = readUint(second, "a chunk's size", 1);
  if (size > MAX_CHUNK_BYTES) throw new CborError(`chunk ${bytesToHex(id)} says ${size} bytes`);
  return { id, size };
}

export function totalSize(chunks: readonly ChunkRef[]): number {
  return chunks.reduce((total, chunk) => total + chunk.size, 0);
}

function readManifest(value: CborValue): Manifest {
  const map = readMap(value, "it");
  const version = readVersion(map.v, "its v");
  if (version !== VERSION) {
    throw new UnsupportedVersionError(`The manifest has version ${version}, this library reads version ${VERSION}`);
  }
  const manifest: Manifest = {
    revision: readUint(map.rev, "rev", 1),
    gen: readUint(map.gen, "gen", 1),
    parent: map.parent === null ? null : readBytes(map.parent, "parent", 32),
    chain: readBytes(map.chain, "chain", 32),
    heals: readOptionalList(map.heals, "heals").map((sha256) => readBytes(sha256, "heals", 32)),
    mirrors: readOptionalList(map.mirrors, "mirrors").map(readMirror),
    at: readUint(map.at, "at"),
    device: readBytes(map.device, "device", 16),
    app: map.app === undefined ? undefined : readText(map.app, "app"),
    checksum: readBytes(map.sum, "sum", 32),
    sections: readList(map.sections, "sections").map(readEntry),
  };
  if (manifest.parent === null && manifest.chain.some((byte) => byte !== 0)) {
    throw new CborError("it has a chain, but no parent");
  }
  const names = manifest.sections.map((entry) => entry.name);
  if (names.some((name, i) => i > 0 && compareText(names[i - 1] as string, name) >= 0)) {
    throw new CborError("its sections are out of order or there twice");
  }
  for (const name of REQUIRED_SECTIONS) if (!names.includes(name)) throw new CborError(`it has no section ${name}`);
  return manifest;
}

function readEntry(value: CborValue): SectionEntry {
  const map = readMap(value, "a section");
  const name = readText(map.name, "a section's name");
  if (!isSectionName(name)) throw new CborError("a section's name is not 1 to 64 characters of a-z 0-9 . -");
  const size = readUint(map.size, `size of ${name}`);
  const sum = readBytes(map.sum, `sum of ${name}`, 32);
  const isInline = map.data !== undefined;
  if (isInline === (map.chunks !== undefined) || isInline === (map.depth !== undefined)) {
    throw new CborError(`section ${name} is neither whole nor in chunks`);
  }
  if (isInline) {
    const data = readBytes(map.data, `data of ${name}`);
    if (data.length !== size) throw new CborError(`section ${name} has ${data.length} bytes and says ${size}`);
    return { name, size, sum, data };
  }
  const depth = readUint(map.depth, `depth of ${name}`);
  if (depth > MAX_DEPTH) throw new CborError(`section ${name} has depth ${depth}`);
  const chunks = readList(map.chunks, `chunks of ${name}`).map(readChunkRef);
  return { name, size, sum, depth, chunks };
}

function readMirror(value: CborValue): MirrorMark {
  const [realm, revision, sha256] = readTuple(value, "a mirror", 3);
  return {
    realm: readBytes(realm, "a mirror's realm", 16),
    revision: readUint(revision, "a mirror's rev", 1),
    sha256: readBytes(sha256, "a mirror's hash", 32),
  };
}

function readOptionalList(value: CborValue | undefined, name: string): CborValue[] {
  return value === undefined ? [] : readList(value, name);
}
