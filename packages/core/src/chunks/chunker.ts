import { utf8ToBytes } from "../bytes.ts";
import { MAX_CHUNK_BYTES } from "../envelope/sizes.ts";
import { type BackupKeys, subkeyOf } from "../keys/backup-keys.ts";

/** Where the chunks of one kind of body may be cut. */
export interface CutRow {
  /** A chunk that is not the last has at least `min` + 1 bytes. */
  min: number;
  /** Before this offset the cut is unlikely (`early`), from it on likely (`late`). */
  target: number;
  /** There the cut is made anyway. */
  max: number;
  /** Bits of the hash that must be 0, as a signed 32-bit integer. */
  early: number;
  late: number;
}

const topBits = (count: number): number => -1 << (32 - count);

/** For section bodies. */
export const DATA_ROW: CutRow = {
  min: 4 * 1024,
  target: 16 * 1024,
  max: MAX_CHUNK_BYTES,
  early: topBits(16),
  late: topBits(12),
};
/** For lists of chunks. */
export const LIST_ROW: CutRow = { min: 1024, target: 2 * 1024, max: 8 * 1024, early: topBits(12), late: topBits(8) };

/**
 * The gear table of one wallet in one realm: 256 u32. Where a body is cut so tells nothing to who lacks the keys.
 */
export function gearTable(keys: BackupKeys): Int32Array {
  const bytes = keys.primitives.hkdfExpandSha256(subkeyOf(keys, "chunker"), utf8ToBytes("gear"), 256 * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: 256 }, (_, i) => view.getInt32(i * 4));
}

/**
 * Cuts a body by its content, so that a change moves no boundary but those beside it. Views into `body`, in order; an
 * empty body has no chunks.
 *
 * The rolling hash is `h = ((h << 1) + gear[byte]) mod 2^32`, from 0 at each chunk's offset `min` on; the cut comes after
 * a byte at which `h & mask = 0`.
 *
 * @see Xia et al., "FastCDC", USENIX ATC 2016
 */
export function cutChunks(body: Uint8Array, gear: Int32Array, row: CutRow): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < body.length; ) {
    const end = start + cutLength(body, start, gear, row);
    chunks.push(body.subarray(start, end));
    start = end;
  }
  return chunks;
}

/** Bytes of the chunk that begins at `start`. They follow from the bytes from there on alone. */
export function cutLength(body: Uint8Array, start: number, gear: Int32Array, row: CutRow): number {
  const end = Math.min(body.length, start + row.max);
  const target = Math.min(end, start + row.target);
  let hash = 0;
  let at = start + row.min;
  for (; at < target; at++) {
    hash = ((hash << 1) + (gear[body[at] as number] as number)) | 0;
    if ((hash & row.early) === 0) return at + 1 - start;
  }
  for (; at < end; at++) {
    hash = ((hash << 1) + (gear[body[at] as number] as number)) | 0;
    if ((hash & row.late) === 0) return at + 1 - start;
  }
  return end - start;
}
