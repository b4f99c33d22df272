import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

export { concatBytes, hexToBytes, utf8ToBytes };

const HEX_DIGITS = "0123456789abcdef";
const ascii = /* @__PURE__ */ new TextDecoder();

/**
 * Lower-case hex, made in one piece: text that grows byte by byte, as the library's does, takes many times the memory, and
 * every record and every chunk has an id.
 */
export function bytesToHex(bytes: Uint8Array): string {
  const digits = new Uint8Array(bytes.length * 2);
  for (let i = 0; i < digits.length; i++) {
    const byte = bytes[i >> 1] as number;
    digits[i] = HEX_DIGITS.charCodeAt(i & 1 ? byte & 15 : byte >> 4);
  }
  return ascii.decode(digits);
}

/** Joins any number of arrays: `concatBytes(...parts)` would pass each as an argument, of which an engine takes so many. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** A copy, always a plain Uint8Array: `slice` of a Node `Buffer` is a view of it, so that wiping one wipes both. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** Throws a TypeError that names the argument unless it is a Uint8Array, a RangeError unless it has that length. */
export function assertBytes(value: unknown, name: string, length?: number): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${name} must be a Uint8Array`);
  if (length !== undefined && value.length !== length) {
    throw new RangeError(`${name} must have ${length} bytes, it has ${value.length}`);
  }
}

/** Throws unless `value` is an integer from `min` to 2^53 − 1. */
export function assertUint(value: unknown, name: string, min = 0): asserts value is number {
  if (typeof value !== "number") throw new TypeError(`${name} must be a number`);
  if (!Number.isSafeInteger(value) || value < min)
    throw new RangeError(`${name} must be an integer of at least ${min}`);
}

/** Throws a TypeError for each key that `options` has and `known` lacks: a mistyped option must not be ignored. */
export function assertKnownOptions(options: object, known: readonly string[], name: string): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw new TypeError(`${name} has no option "${key}"; it knows ${known.join(", ")}`);
  }
}

/** Whether two arrays hold the same bytes. Not constant time: for public values such as ids and checksums. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** How many bytes two arrays begin with alike. */
export function sharedStart(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  let at = 0;
  if (a.byteOffset % 4 === 0 && b.byteOffset % 4 === 0) {
    // Four at a time: bodies of megabytes are compared.
    const x = new Int32Array(a.buffer, a.byteOffset, shared >>> 2);
    const y = new Int32Array(b.buffer, b.byteOffset, shared >>> 2);
    let word = 0;
    while (word < x.length && x[word] === y[word]) word++;
    at = word * 4;
  }
  while (at < shared && a[at] === b[at]) at++;
  return at;
}

/** How many bytes two arrays end with alike, `atMost` at most. */
export function sharedEnd(a: Uint8Array, b: Uint8Array, atMost: number): number {
  let count = 0;
  while (count < atMost && a[a.length - 1 - count] === b[b.length - 1 - count]) count++;
  return count;
}

/** Lexicographic order of bytes, a prefix first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Big-endian, 4 bytes. */
export function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** Big-endian, 8 bytes; `value` up to 2^53 − 1. */
export function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
