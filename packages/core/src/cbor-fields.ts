import { CborError, type CborMap, type CborValue, isCborMap } from "./cbor.ts";

/*
 * Readers of decoded values: each gives the value as what it must be, or throws a CborError that calls it by `name`.
 */

export function readMap(value: CborValue | undefined, name: string): CborMap {
  if (!isCborMap(value)) throw new CborError(`${name} is no map`);
  return value;
}

export function readList(value: CborValue | undefined, name: string): CborValue[] {
  if (!Array.isArray(value)) throw new CborError(`${name} is no array`);
  return value;
}

/** An array of exactly so many items. */
export function readTuple(value: CborValue | undefined, name: string, length: number): CborValue[] {
  const items = readList(value, name);
  if (items.length !== length) throw new CborError(`${name} has ${items.length} items, not ${length}`);
  return items;
}

/** Not a copy. */
export function readBytes(value: CborValue | undefined, name: string, length?: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new CborError(`${name} is no byte string`);
  if (length !== undefined && value.length !== length) {
    throw new CborError(`${name} has ${value.length} bytes, not ${length}`);
  }
  return value;
}

export function readUint(value: CborValue | undefined, name: string, least = 0): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least) {
    throw new CborError(`${name} is no integer from ${least} to 2^53 − 1`);
  }
  return value;
}

export function readText(value: CborValue | undefined, name: string): string {
  if (typeof value !== "string") throw new CborError(`${name} is no text`);
  return value;
}

/** The version in a map, be it one that nobody knows yet. */
export function readVersion(value: CborValue | undefined, name: string): number | bigint {
  if (typeof value !== "number" && typeof value !== "bigint") throw new CborError(`${name} is no version`);
  return value;
}
