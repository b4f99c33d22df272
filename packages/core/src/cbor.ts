import { decodeFirst, encode, Token, Tokenizer, Type } from "cborg";
import { compareBytes, copyBytes } from "./bytes.ts";

/**
 * The subset of CBOR that format 1 allows: RFC 8949 core deterministic encoding (§4.2.1) of integers, byte strings, text,
 * arrays, maps with text keys, false, true and null. In it, encoding what was decoded gives the same bytes.
 *
 * Integers beyond 2^53 − 1 are `bigint`. Encoding takes a key whose value is `undefined` as absent.
 */
export type CborValue = number | bigint | string | boolean | null | Uint8Array | CborValue[] | CborMap;
export type CborMap = { [key: string]: CborValue };

/**
 * Not CBOR as format 1 has it: outside of the subset, or not what must stand there. Callers turn it into the error of what
 * they were reading.
 */
export class CborError extends Error {
  override readonly name = "CborError";
}

/** How many arrays or maps may stand inside each other. */
const MAX_DEPTH = 16;

/**
 * Encodes one item. The result is the caller's.
 *
 * @param refuse makes another error of what has no place in the subset; `problem` holds no value, `path` leads there
 * @throws TypeError or RangeError that names the place, or what `refuse` gives
 */
export function encodeCbor(
  value: unknown,
  refuse?: (problem: string, path: readonly (string | number)[]) => Error,
): Uint8Array {
  const path: (string | number)[] = [];
  const refusal = refusalOf(value, path);
  if (refusal && refuse) throw refuse(refusal.problem, path);
  if (refusal) throw new refusal.error(`${placeOf(path)} ${refusal.problem}`);
  // The library gives Buffers, and parts of memory that it shares between calls.
  return copyBytes(encode(value, { ignoreUndefinedProperties: true }));
}

/** Decodes exactly one item. Byte strings are copies, unless `views` asks for views into `bytes`. @throws CborError */
export function decodeCbor(bytes: Uint8Array, options: { views?: boolean } = {}): CborValue {
  const tokenizer = new StrictTokenizer(bytes, options.views ?? false);
  const value = tokenizer.item();
  if (!tokenizer.done()) throw new CborError(`bytes are left over after the item, from byte ${tokenizer.pos()}`);
  return value;
}

/**
 * Decodes a CBOR sequence (RFC 8742) item by item; an empty one gives nothing. Byte strings are as `decodeCbor`
 * gives them.
 *
 * @throws CborError when it comes to the item that is wrong
 */
export function* decodeCborSequence(bytes: Uint8Array, options: { views?: boolean } = {}): Generator<CborValue> {
  const tokenizer = new StrictTokenizer(bytes, options.views ?? false);
  while (!tokenizer.done()) yield tokenizer.item();
}

/** Whether a decoded value is a map. */
export function isCborMap(value: CborValue | undefined): value is CborMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

const strictText = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const UINT = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const SIMPLE = 7;

/** An array or map whose items are still to come. */
interface Open {
  isMap: boolean;
  /** Items left, keys and values counted each. */
  left: number;
  /** Encoded bytes of the key before, which the next one must exceed. */
  lastKey: Uint8Array | undefined;
}

/**
 * Refuses before the library decodes: the library accepts unsorted keys, floats, tags, any depth, text that is not UTF-8,
 * and drops a leading U+FEFF of a text.
 *
 * Head of an item (RFC 8949 §3): 3 bits major type, 5 bits either the argument (0–23) or the number of bytes that hold it
 * (24: 1, 25: 2, 26: 4, 27: 8).
 */
class StrictTokenizer extends Tokenizer {
  readonly #open: Open[] = [];
  readonly #views: boolean;

  constructor(bytes: Uint8Array, views: boolean) {
    // Of a Node Buffer the library would give views, and Buffers, where copies are asked for.
    super(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), { allowBigInt: true });
    this.#views = views;
  }

  /** The next whole item. */
  item(): CborValue {
    try {
      return decodeFirst(this.data, { tokenizer: this })[0];
    } catch (error) {
      if (error instanceof CborError) throw error;
      throw new CborError(`not CBOR near byte ${this.pos()}`);
    }
  }

  override next(): Token {
    const start = this.pos();
    const head = readHead(this.data, start);
    const inside = this.#open.at(-1);
    const isKey = inside?.isMap === true && inside.left % 2 === 0;
    if (isKey && head.major !== TEXT) throw new CborError(`a map key that is not text at byte ${start}`);

    let token: Token;
    if (head.major === BYTES && this.#views) {
      const end = head.end + head.argument;
      token = new Token(Type.bytes, this.data.subarray(head.end, end), end - start);
      this._pos = end;
    } else {
      token = super.next();
    }
    if (head.major === TEXT)
      token.value = checkedText(token.value as string, this.data.subarray(head.end, this.pos()), start);

    if (inside) {
      if (isKey) {
        const key = this.data.subarray(start, this.pos());
        if (inside.lastKey && compareBytes(inside.lastKey, key) >= 0) {
          throw new CborError(`map keys out of order or twice at byte ${start}`);
        }
        inside.lastKey = key;
      }
      inside.left--;
    }
    if (head.major === ARRAY || head.major === MAP) {
      if (this.#open.length >= MAX_DEPTH)
        throw new CborError(`more than ${MAX_DEPTH} arrays or maps inside each other`);
      const left = head.major === MAP ? head.argument * 2 : head.argument;
      this.#open.push({ isMap: head.major === MAP, left, lastKey: undefined });
    }
    while (this.#open.at(-1)?.left === 0) this.#open.pop();
    return token;
  }
}

/** Reads and checks the head at `start`. `end` is the first byte behind it; `argument` is exact where it is a length. */
function readHead(data: Uint8Array, start: number): { major: number; argument: number; end: number } {
  const initial = data[start] as number;
  const major = initial >> 5;
  const info = initial & 0x1f;
  if (major === SIMPLE) {
    if (info < 20 || info > 22) throw new CborError(`a float or another simple value at byte ${start}`);
    return { major, argument: info, end: start + 1 };
  }
  if (major > MAP) throw new CborError(`a tag at byte ${start}`);
  if (info > 27) throw new CborError(`an indefinite or reserved length at byte ${start}`);

  const size = info < 24 ? 0 : 2 ** (info - 24);
  const end = start + 1 + size;
  if (end > data.length) throw new CborError(`cut off at byte ${start}`);
  let argument = info < 24 ? info : 0;
  for (let i = start + 1; i < end; i++) argument = argument * 256 + (data[i] as number);
  // The least argument that needs `size` bytes: 24, 2^8, 2^16, 2^32. Exact enough as a float, since they are powers of two.
  const least = size <= 1 ? 24 : 2 ** (4 * size);
  if (size > 0 && argument < least) throw new CborError(`a length or number that is not the shortest at byte ${start}`);
  if (major !== UINT && major !== NEGATIVE) {
    // An item of an array takes a byte at least, one of a map two.
    const needs = major === MAP ? argument * 2 : argument;
    if (needs > data.length - end) throw new CborError(`a length beyond the bytes that remain at byte ${start}`);
  }
  return { major, argument, end };
}

/** The library's text, unless it hides something: then decoded again, strictly. */
function checkedText(text: string, bytes: Uint8Array, start: number): string {
  const startsWithBom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  if (!startsWithBom && !text.includes("\uFFFD")) return text;
  try {
    return strictText.decode(bytes);
  } catch {
    throw new CborError(`text that is not UTF-8 at byte ${start}`);
  }
}

const MIN_INTEGER = -(2n ** 64n);
const MAX_INTEGER = 2n ** 64n - 1n;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Why a value has no form in the subset. */
interface Refusal {
  problem: string;
  error: typeof TypeError | typeof RangeError;
}

/** Null where `value` can be encoded. Otherwise `path`, at first that of `value`, then leads to what cannot. */
function refusalOf(value: unknown, path: (string | number)[]): Refusal | null {
  if (value === null || typeof value === "boolean" || value instanceof Uint8Array) return null;
  if (typeof value === "string") {
    return LONE_SURROGATE.test(value)
      ? { problem: "is text with half a surrogate pair: it has no UTF-8", error: TypeError }
      : null;
  }
  if (typeof value === "number") {
    if (!Number.isInteger(value))
      return { problem: "is not an integer: the format has no fractions", error: TypeError };
    return Number.isSafeInteger(value)
      ? null
      : { problem: "is beyond 2^53 − 1: give it as a bigint", error: RangeError };
  }
  if (typeof value === "bigint") {
    return value < MIN_INTEGER || value > MAX_INTEGER ? { problem: "is beyond 64 bits", error: RangeError } : null;
  }
  if (!Array.isArray(value) && !isPlainObject(value)) {
    return { problem: `is ${describe(value)}: the format has no such type`, error: TypeError };
  }
  if (path.length >= MAX_DEPTH) {
    return { problem: `is more than ${MAX_DEPTH} arrays or maps deep`, error: RangeError };
  }
  for (const [key, item] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    if (typeof key === "string") {
      if (LONE_SURROGATE.test(key)) return { problem: "has a key with half a surrogate pair", error: TypeError };
      if (item === undefined) continue;
    }
    path.push(key);
    const refusal = refusalOf(item, path);
    if (refusal) return refusal;
    path.pop();
  }
  return null;
}

/** `value.labels[3]` */
function placeOf(path: readonly (string | number)[]): string {
  return `value${path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("")}`;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  if (typeof value !== "object") return typeof value;
  return `a ${(value as object).constructor?.name ?? "object"}`;
}
