import { decode, encode } from "@dfinity/cbor";
import { compareBytes, utf8ToBytes } from "../bytes.ts";
import type { CborLibrary } from "./library.ts";

type Encodable = Parameters<typeof encode>[0];

export const library: CborLibrary = {
  encodeInto(value, into) {
    const item = encode(inOrder(value) as Encodable);
    into.set(item);
    return item.length;
  },
  reader: (bytes) => (start, end) => {
    const item: unknown = decode(bytes.subarray(start, end));
    // The library gives a bigint for whatever has 8 bytes.
    return typeof item === "bigint" && Number.isSafeInteger(Number(item)) ? Number(item) : item;
  },
};

/** The library writes keys as they come: gives them in the order of their encoding. */
function inOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const map = value as Record<string, unknown>;
  const keys = sorted(Object.keys(map).filter((key) => map[key] !== undefined));
  const ordered = Object.fromEntries(keys.map((key) => [key, inOrder(map[key])]));
  // JavaScript puts keys that look like an index first, whatever order they were added in.
  return keys.some((key) => /^\d/.test(key)) ? new Proxy(ordered, { ownKeys: () => keys }) : ordered;
}

/** Shorter keys first, since an encoding begins with the length; then byte by byte. */
function sorted(keys: string[]): string[] {
  // Of ASCII, bytes are characters.
  if (!/[^\0-\x7f]/.test(keys.join(""))) return keys.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return keys
    .map((key) => ({ key, bytes: utf8ToBytes(key) }))
    .sort((a, b) => a.bytes.length - b.bytes.length || compareBytes(a.bytes, b.bytes))
    .map(({ key }) => key);
}
