/**
 * A reader of the subset, as format.md says it and as plain as can be, to compare the library's with. It gives no value,
 * only whether the bytes are one item of the subset.
 */
export function isOneItem(bytes: Uint8Array): boolean {
  try {
    return item(bytes, 0, 0) === bytes.length;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

class Refused extends Error {}

/** Where the item that begins at `at` ends; `inside` counts the arrays and maps around it. */
function item(bytes: Uint8Array, at: number, inside: number): number {
  const { major, argument, end } = readHead(bytes, at);
  if (major <= 1 || major === 7) return end;
  if (argument > BigInt(bytes.length)) throw new Refused();
  const length = Number(argument);
  if (major === 2 || major === 3) {
    const stop = end + length;
    if (stop > bytes.length) throw new Refused();
    if (major === 3 && !Buffer.from(bytes.subarray(end, stop)).equals(Buffer.from(utf8(bytes.subarray(end, stop))))) {
      throw new Refused();
    }
    return stop;
  }
  if (inside === 16) throw new Refused();
  let next = end;
  let lastKey: Buffer | undefined;
  for (let i = 0; i < length; i++) {
    if (major === 5) {
      if ((bytes[next] ?? 0) >> 5 !== 3) throw new Refused();
      const stop = item(bytes, next, inside + 1);
      const key = Buffer.from(bytes.subarray(next, stop));
      if (lastKey && Buffer.compare(lastKey, key) >= 0) throw new Refused();
      lastKey = key;
      next = stop;
    }
    next = item(bytes, next, inside + 1);
  }
  return next;
}

/** Decoded leniently and encoded again: the same bytes only where they were UTF-8. */
function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

/** The head of the item at `at`: its type, its argument, and where it ends. */
export function readHead(bytes: Uint8Array, at: number): { major: number; argument: bigint; end: number } {
  const first = bytes[at];
  if (first === undefined) throw new Refused();
  const major = first >> 5;
  const info = first & 31;
  if (major === 7) {
    if (first !== 0xf4 && first !== 0xf5 && first !== 0xf6) throw new Refused();
    return { major, argument: 0n, end: at + 1 };
  }
  if (major === 6 || info > 27) throw new Refused();
  if (info < 24) return { major, argument: BigInt(info), end: at + 1 };
  const hex = Buffer.from(bytes.subarray(at + 1, at + 1 + 2 ** (info - 24))).toString("hex");
  if (hex.length !== 2 ** (info - 23)) throw new Refused();
  const argument = BigInt(`0x${hex}`);
  const shorter = [23n, 0xffn, 0xffffn, 0xffffffffn][info - 24] as bigint;
  if (argument <= shorter) throw new Refused();
  return { major, argument, end: at + 1 + 2 ** (info - 24) };
}
