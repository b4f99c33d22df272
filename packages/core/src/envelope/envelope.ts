import { assertBytes, bytesToHex, concatBytes, equalBytes, hexToBytes, u64 } from "../bytes.ts";
import { TamperedError, UnsupportedVersionError } from "../errors.ts";
import { type BackupKeys, subkeyOf } from "../keys/backup-keys.ts";
import { decodeFrame, encodeFrame } from "./frame.ts";
import {
  HEADER_BYTES,
  MAX_MANIFEST_BYTES,
  MAX_SEALED_CHUNK_BYTES,
  MAX_SEALED_ENVELOPE_BYTES,
  MIN_SEALED_BYTES,
  NONCE_BYTES,
  TAG_BYTES,
} from "./sizes.ts";

/*
 *   sealed = header ‖ nonce (24) ‖ box
 *   header = "CBKP" ‖ 0x01 (format) ‖ kind ‖ 0x00 ‖ 0x00
 *   box    = XChaCha20-Poly1305(key, nonce, aad = header ‖ walletId ‖ slot, frame)
 *
 *   kind 0x01, envelope: key = subkey("envelope"), slot = u64 revision
 *   kind 0x02, chunk:    key = subkey("chunk"),    slot = chunk id
 */

const MAGIC = [0x43, 0x42, 0x4b, 0x50];
const FORMAT = 0x01;
const ENVELOPE = 0x01;
const CHUNK = 0x02;
/** Where a box begins. */
const BOX_AT = HEADER_BYTES + NONCE_BYTES;
type Kind = typeof ENVELOPE | typeof CHUNK;

/**
 * Gives bytes that nobody can guess; the caller of core brings it: `(length) => crypto.getRandomValues(new Uint8Array(length))`.
 *
 * @param length how many
 */
export type Random = (length: number) => Uint8Array;

/** Seals a manifest for one revision. */
export function sealEnvelope(keys: BackupKeys, revision: number, manifest: Uint8Array, random: Random): Uint8Array {
  return seal(keys, ENVELOPE, u64(revision), manifest, random);
}

/**
 * Opens the envelope of `revision`: the encoded manifest.
 *
 * @throws UnsupportedVersionError, TamperedError
 */
export function openEnvelope(keys: BackupKeys, revision: number, sealed: Uint8Array): Uint8Array {
  if (sealed.length > MAX_SEALED_ENVELOPE_BYTES) throw new TamperedError("The envelope is longer than one can be");
  return open(keys, ENVELOPE, u64(revision), sealed, { atMost: MAX_MANIFEST_BYTES });
}

/** The id of a chunk: HMAC-SHA-256 of its bytes, so that equal chunks are stored once and tell a server nothing. */
export function chunkIdOf(keys: BackupKeys, chunk: Uint8Array): Uint8Array {
  return keys.primitives.hmacSha256(subkeyOf(keys, "chunk-id"), chunk);
}

/** Seals a chunk under its id. */
export function sealChunk(keys: BackupKeys, id: Uint8Array, chunk: Uint8Array, random: Random): Uint8Array {
  return seal(keys, CHUNK, id, chunk, random);
}

/**
 * Opens the chunk of `id`, which must have `size` bytes.
 *
 * @throws UnsupportedVersionError, TamperedError
 */
export function openChunk(keys: BackupKeys, id: Uint8Array, size: number, sealed: Uint8Array): Uint8Array {
  if (sealed.length > MAX_SEALED_CHUNK_BYTES) throw new TamperedError("A chunk is longer than one can be");
  const chunk = open(keys, CHUNK, id, sealed, { exactly: size });
  if (!equalBytes(chunkIdOf(keys, chunk), id)) {
    throw new TamperedError(`Chunk ${bytesToHex(id)} holds other bytes than its id says`);
  }
  return chunk;
}

function seal(keys: BackupKeys, kind: Kind, slot: Uint8Array, plaintext: Uint8Array, random: Random): Uint8Array {
  const header = headerOf(kind);
  const nonce = random(NONCE_BYTES);
  assertBytes(nonce, "the result of random", NONCE_BYTES);
  // One array for all, in which the frame is sealed where it stands: large arrays cost more than the cipher.
  const sealed = encodeFrame(plaintext, keys.primitives, { before: BOX_AT, behind: TAG_BYTES });
  sealed.set(header);
  sealed.set(nonce, HEADER_BYTES);
  const frame = sealed.subarray(BOX_AT, -TAG_BYTES);
  const room = sealed.subarray(BOX_AT);
  const aad = aadOf(keys, header, slot);
  const box = keys.primitives.sealXChaCha20Poly1305(keyOf(keys, kind), nonce, aad, frame, room);
  assertBytes(box, "the result of sealXChaCha20Poly1305", room.length);
  // Primitives that do not write into what they are given.
  if (box !== room) room.set(box);
  return sealed;
}

function open(
  keys: BackupKeys,
  kind: Kind,
  slot: Uint8Array,
  sealed: Uint8Array,
  length: { exactly: number } | { atMost: number },
): Uint8Array {
  const name = kind === ENVELOPE ? "The envelope" : "A chunk";
  if (sealed.length < MIN_SEALED_BYTES) throw new TamperedError(`${name} is too short`);
  if (MAGIC.some((byte, i) => sealed[i] !== byte)) throw new TamperedError(`${name} does not begin as one must`);
  if (sealed[4] !== FORMAT) {
    throw new UnsupportedVersionError(`${name} has format ${sealed[4]}, this library reads format ${FORMAT}`);
  }
  if (sealed[5] !== kind || sealed[6] !== 0 || sealed[7] !== 0) throw new TamperedError(`${name} has a wrong header`);

  const header = sealed.subarray(0, HEADER_BYTES);
  const nonce = sealed.subarray(HEADER_BYTES, BOX_AT);
  const box = sealed.subarray(BOX_AT);
  const frame = keys.primitives.openXChaCha20Poly1305(keyOf(keys, kind), nonce, aadOf(keys, header, slot), box);
  if (frame === null) throw new TamperedError(`${name} does not open: it is damaged, forged, or stood elsewhere`);
  return decodeFrame(frame, length, keys.primitives);
}

function headerOf(kind: Kind): Uint8Array {
  return Uint8Array.of(...MAGIC, FORMAT, kind, 0, 0);
}

function keyOf(keys: BackupKeys, kind: Kind): Uint8Array {
  return subkeyOf(keys, kind === ENVELOPE ? "envelope" : "chunk");
}

function aadOf(keys: BackupKeys, header: Uint8Array, slot: Uint8Array): Uint8Array {
  return concatBytes(header, hexToBytes(keys.walletId), slot);
}
