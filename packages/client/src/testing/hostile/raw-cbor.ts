import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * Encodes whatever it is given, also what no reader may take: keys and lengths are as they are said.
 *
 * @see RFC 8949 §3
 */
export type RawValue = number | null | string | Uint8Array | readonly RawValue[] | RawMap;

/** A map as its entries, in their order. */
export class RawMap {
  readonly entries: readonly (readonly [string, RawValue])[];

  constructor(entries: readonly (readonly [string, RawValue])[]) {
    this.entries = entries;
  }
}

export function encodeRaw(value: RawValue): Uint8Array {
  if (value === null) return Uint8Array.of(0xf6);
  if (typeof value === "number") return value < 0 ? rawHead(1, -1 - value) : rawHead(0, value);
  if (typeof value === "string") return concatBytes(rawHead(3, utf8ToBytes(value).length), utf8ToBytes(value));
  if (value instanceof Uint8Array) return concatBytes(rawHead(2, value.length), value);
  if (value instanceof RawMap) {
    const entries = value.entries.flatMap(([key, each]) => [encodeRaw(key), encodeRaw(each)]);
    return concatBytes(rawHead(5, value.entries.length), ...entries);
  }
  return concatBytes(rawHead(4, value.length), ...value.map(encodeRaw));
}

/** Major type and argument, in the shortest form. */
export function rawHead(major: number, argument: number): Uint8Array {
  const type = major << 5;
  if (argument < 24) return Uint8Array.of(type | argument);
  if (argument < 0x100) return Uint8Array.of(type | 24, argument);
  if (argument < 0x10000) return Uint8Array.of(type | 25, argument >> 8, argument & 0xff);
  const bytes = new Uint8Array(argument < 2 ** 32 ? 5 : 9);
  const view = new DataView(bytes.buffer);
  bytes[0] = type | (argument < 2 ** 32 ? 26 : 27);
  if (argument < 2 ** 32) view.setUint32(1, argument);
  else view.setBigUint64(1, BigInt(argument));
  return bytes;
}
