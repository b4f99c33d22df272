import { equalBytes } from "../bytes.ts";
import { encodeCbor } from "../cbor.ts";

/** Equal bytes; an absent value is equal to an absent one alone. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || equalBytes(encodeCbor(a), encodeCbor(b));
}

/** A record may have a key that every object inherits, as `constructor`. */
export function own<Value>(map: Readonly<{ [key: string]: Value }>, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
