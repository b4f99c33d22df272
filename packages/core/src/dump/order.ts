import { compareBytes } from "../bytes.ts";

/** What records are ordered and told apart by. An absent key is `undefined`. */
export type Key = string | number | bigint | boolean | Uint8Array | undefined | readonly Key[];

/** Order of two texts by their UTF-8 bytes, which is that of their code points, not of JavaScript's UTF-16 units. */
export function compareText(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rankOfUnit(x) - rankOfUnit(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all that one unit can hold. */
function rankOfUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Order of two keys: an absent one first, text by UTF-8 bytes, numbers by value, arrays item by item. */
export function compareKeys(a: Key, b: Key): number {
  if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  if (isList(a) && isList(b)) {
    const shared = Math.min(a.length, b.length);
    for (let i = 0; i < shared; i++) {
      const order = compareKeys(a[i], b[i]);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  if (rankOfType(a) !== rankOfType(b)) return rankOfType(a) - rankOfType(b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function isList(key: Key): key is readonly Key[] {
  return Array.isArray(key);
}

/** Keys of one place have one type; where a wallet mixes them, the order is at least always the same. */
function rankOfType(key: Exclude<Key, undefined>): number {
  if (typeof key === "boolean") return 0;
  if (typeof key === "number" || typeof key === "bigint") return 1;
  if (key instanceof Uint8Array) return 2;
  return typeof key === "string" ? 3 : 4;
}
