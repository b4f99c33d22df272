import { hash } from "node:crypto";

/** Bytes as `node:crypto` and the database driver take them, without a copy. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Gives memory back now, not when the collector next comes by: it sees how many objects wait, not how large they are. For
 * bytes that have their memory alone; they, and views into them, are empty from then on.
 */
export function freeBytes(bytes: Uint8Array): void {
  if (bytes.length > 0 && bytes.length === bytes.buffer.byteLength) (bytes.buffer as ArrayBuffer).transfer(0);
}

export function sha256(bytes: Uint8Array | string): Buffer {
  return hash("sha256", bytes, "buffer");
}

/** Lower-case hex. */
export function hexOf(bytes: Uint8Array): string {
  return bufferOf(bytes).toString("hex");
}

/** Null unless `text` is lower-case hex of exactly so many bytes. */
export function parseHex(text: string, byteLength: number): Buffer | null {
  return text.length === byteLength * 2 && /^[0-9a-f]*$/.test(text) ? Buffer.from(text, "hex") : null;
}

/** Null unless `text` is base64url (RFC 4648 §5), unpadded, of exactly so many bytes, in its one spelling. */
export function parseBase64url(text: string, byteLength: number): Buffer | null {
  const bytes = Buffer.from(text, "base64url");
  // Node skips what is not base64url: only what encodes back to the same text was that.
  return bytes.length === byteLength && bytes.toString("base64url") === text ? bytes : null;
}
