import { library } from "#cbor";
import { KnownKeys } from "./cbor-keys.ts";

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
/** So many are always few, however short the bytes are. */
const FEW_ITEMS = 64;

/** Makes another error of what has no place in the subset; `problem` holds no value, `path` leads there. */
type Refuse = (problem: string, path: readonly (string | number)[]) => Error;

/**
 * Encodes one item. The result is the caller's.
 *
 * @throws TypeError or RangeError that names the place, or what `refuse` gives
 */
export function encodeCbor(value: unknown, refuse?: Refuse): Uint8Array {
  const writer = new CborWriter();
  writer.write(value, refuse);
  return writer.take();
}

/** Encodes a CBOR sequence (RFC 8742). @throws TypeError or RangeError that names the place */
export function encodeCborSequence(values: Iterable<unknown>): Uint8Array {
  const writer = new CborWriter();
  for (const value of values) writer.write(value);
  return writer.take();
}

/** Encodes item after item into one array, which grows: what is large is copied once or twice, not for every item. */
export class CborWriter {
  #bytes = new Uint8Array();
  #length = 0;

  /**
   * @returns the item's bytes: a view that is good until the next one is written
   * @throws TypeError or RangeError that names the place, or what `refuse` gives
   */
  write(value: unknown, refuse?: Refuse): Uint8Array {
    const path: (string | number)[] = [];
    const room = roomFor(value, path);
    if (typeof room !== "number") {
      throw refuse ? refuse(room.problem, path) : new room.error(`${placeOf(path)} ${room.problem}`);
    }
    this.#reserve(room);
    const start = this.#length;
    this.#length += library.encodeInto(value, this.#bytes.subarray(start));
    return this.#bytes.subarray(start, this.#length);
  }

  /** All that was written, the caller's from now on. */
  take(): Uint8Array {
    const [bytes, length] = [this.#bytes, this.#length];
    this.#bytes = new Uint8Array();
    this.#length = 0;
    return length === bytes.length ? bytes : bytes.slice(0, length);
  }

  #reserve(room: number): void {
    const needed = this.#length + room;
    if (needed <= this.#bytes.length) return;
    // The first item gets what it needs: often it is the only one.
    const grown = new Uint8Array(this.#length === 0 ? needed : Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

export interface DecodeOptions {
  /** Byte strings are views into the bytes that are decoded; otherwise copies. */
  views?: boolean;
  /** What an item takes on the average at least. A few bytes would otherwise become many times as much memory. */
  minItemBytes?: number;
}

/** Decodes exactly one item. @throws CborError */
export function decodeCbor(bytes: Uint8Array, options: DecodeOptions = {}): CborValue {
  const reader = new StrictReader(bytes, options);
  const value = reader.item();
  if (!reader.done) throw new CborError(`bytes are left over after the item, from byte ${reader.at}`);
  return value;
}

/**
 * Decodes a CBOR sequence (RFC 8742) item by item; an empty one gives nothing. Byte strings are as `decodeCbor`
 * gives them.
 *
 * @throws CborError when it comes to the item that is wrong
 */
export function* decodeCborSequence(bytes: Uint8Array, options: DecodeOptions = {}): Generator<CborValue> {
  const reader = new StrictReader(bytes, options);
  while (!reader.done) yield reader.item();
}

/** The same, with the bytes that each item takes, a view. */
export function* decodeCborSpans(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): Generator<{ value: CborValue; bytes: Uint8Array }> {
  const reader = new StrictReader(bytes, options);
  while (!reader.done) {
    const start = reader.at;
    const value = reader.item();
    yield { value, bytes: bytes.subarray(start, reader.at) };
  }
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

/**
 * Reads the structure of items, and refuses what the subset lacks before the library decodes: libraries accept unsorted
 * keys, floats, tags, any depth, text that is not UTF-8, and drop a leading U+FEFF of a text.
 *
 * Head of an item (RFC 8949 §3): 3 bits major type, 5 bits either the argument (0–23) or the number of bytes that hold it
 * (24: 1, 25: 2, 26: 4, 27: 8).
 */
class StrictReader {
  readonly #bytes: Uint8Array;
  readonly #views: boolean;
  readonly #keys: KnownKeys;
  readonly #read: (start: number, end: number) => unknown;
  /** Where the next item, or the content of the one whose head was read last, starts. */
  #at = 0;
  /** Of the head that was read last. `argument` is exact where it is a length. */
  #major = 0;
  #argument = 0;
  #itemsLeft: number;

  constructor(bytes: Uint8Array, { views = false, minItemBytes }: DecodeOptions) {
    // Of a Node Buffer a library would give views, and Buffers, where copies are asked for.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#views = views;
    this.#keys = new KnownKeys(this.#bytes);
    this.#read = library.reader(this.#bytes);
    this.#itemsLeft = minItemBytes ? FEW_ITEMS + bytes.length / minItemBytes : Number.POSITIVE_INFINITY;
  }

  /** Where the next item starts. */
  get at(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next whole item, `depth` arrays or maps down. */
  item(depth = 0): CborValue {
    const start = this.#at;
    if (--this.#itemsLeft < 0) throw new CborError(`more items than such bytes may hold, at byte ${start}`);
    this.#readHead();
    const major = this.#major;
    if (major !== ARRAY && major !== MAP) return this.#single(start);
    if (depth >= MAX_DEPTH) throw new CborError(`more than ${MAX_DEPTH} arrays or maps inside each other`);
    return major === MAP ? this.#map(this.#argument, depth + 1) : this.#array(this.#argument, depth + 1);
  }

  #array(length: number, depth: number): CborValue[] {
    const items: CborValue[] = [];
    for (let i = 0; i < length; i++) items.push(this.item(depth));
    return items;
  }

  #map(length: number, depth: number): CborMap {
    const map: CborMap = {};
    /** Where the key before stands, which the next one must exceed. */
    let [lastStart, lastEnd] = [0, 0];
    for (let i = 0; i < length; i++) {
      const start = this.#at;
      this.#readHead();
      if (this.#major !== TEXT) throw new CborError(`a map key that is not text at byte ${start}`);
      const key = this.#key(start);
      if (i > 0 && !this.#ascends(lastStart, lastEnd, start)) {
        throw new CborError(`map keys out of order or twice at byte ${start}`);
      }
      [lastStart, lastEnd] = [start, this.#at];
      const value = this.item(depth);
      // Assigned, this key would set the object's prototype.
      if (key === "__proto__") Object.defineProperty(map, key, { ...OWN, value });
      else map[key] = value;
    }
    return map;
  }

  /** The key whose head, from `start` on, was read last. */
  #key(start: number): string {
    const content = this.#at;
    const end = content + this.#argument;
    let key = this.#keys.find(content, end);
    if (key === undefined) {
      key = this.#single(start) as string;
      this.#keys.add(content, end, key);
    }
    this.#at = end;
    return key;
  }

  /** Whether the bytes from `start` to here come after those from `before` to `beforeEnd`. No key begins another one. */
  #ascends(before: number, beforeEnd: number, start: number): boolean {
    const bytes = this.#bytes;
    let at = start;
    while (before < beforeEnd && at < this.#at && bytes[before] === bytes[at]) {
      before++;
      at++;
    }
    return at < this.#at && (before === beforeEnd || (bytes[before] as number) < (bytes[at] as number));
  }

  /** The item from `start`, whose head was read last. */
  #single(start: number): CborValue {
    const content = this.#at;
    const hasContent = this.#major === BYTES || this.#major === TEXT;
    const end = hasContent ? content + this.#argument : content;
    this.#at = end;
    if (this.#major === BYTES && this.#views) return this.#bytes.subarray(content, end);
    const value = this.#read(start, end) as CborValue;
    return this.#major === TEXT ? checkedText(value as string, this.#bytes, content, end) : value;
  }

  #readHead(): void {
    const bytes = this.#bytes;
    const start = this.#at;
    if (start >= bytes.length) throw new CborError(`cut off at byte ${start}`);
    const initial = bytes[start] as number;
    const major = initial >> 5;
    const info = initial & 0x1f;
    this.#major = major;
    this.#at = start + 1;
    if (major === SIMPLE) {
      if (info < 20 || info > 22) throw new CborError(`a float or another simple value at byte ${start}`);
      return;
    }
    if (major > MAP) throw new CborError(`a tag at byte ${start}`);
    if (info > 27) throw new CborError(`an indefinite or reserved length at byte ${start}`);

    const size = info < 24 ? 0 : 2 ** (info - 24);
    const end = start + 1 + size;
    if (end > bytes.length) throw new CborError(`cut off at byte ${start}`);
    let argument = info < 24 ? info : 0;
    for (let i = start + 1; i < end; i++) argument = argument * 256 + (bytes[i] as number);
    // The least argument that needs `size` bytes: 24, 2^8, 2^16, 2^32. Exact enough as a float, since they are powers of two.
    const least = size <= 1 ? 24 : 2 ** (4 * size);
    if (size > 0 && argument < least)
      throw new CborError(`a length or number that is not the shortest at byte ${start}`);
    if (major !== UINT && major !== NEGATIVE) {
      // An item of an array takes a byte at least, one of a map two.
      const needs = major === MAP ? argument * 2 : argument;
      if (needs > bytes.length - end) throw new CborError(`a length beyond the bytes that remain at byte ${start}`);
    }
    this.#argument = argument;
    this.#at = end;
  }
}

const OWN = { configurable: true, enumerable: true, writable: true };

/** The library's text, unless it hides something: then decoded again, strictly. Its bytes are those from `start` to `end`. */
function checkedText(text: string, data: Uint8Array, start: number, end: number): string {
  const startsWithBom = data[start] === 0xef && data[start + 1] === 0xbb && data[start + 2] === 0xbf;
  if (!startsWithBom && !text.includes("\uFFFD")) return text;
  try {
    return strictText.decode(data.subarray(start, end));
  } catch {
    throw new CborError(`text that is not UTF-8 at byte ${start}`);
  }
}

const MIN_INTEGER = -(2n ** 64n);
const MAX_INTEGER = 2n ** 64n - 1n;
const LONE_SURROGATE = /[\ud800-\udfff]/u;

/** Why a value has no form in the subset. */
interface Refusal {
  problem: string;
  error: typeof TypeError | typeof RangeError;
}

const HALF_A_PAIR: Refusal = { problem: "is text with half a surrogate pair: it has no UTF-8", error: TypeError };
const HALF_A_PAIR_IN_KEY: Refusal = { problem: "has a key with half a surrogate pair", error: TypeError };
const NO_INTEGER: Refusal = { problem: "is not an integer: the format has no fractions", error: TypeError };
const BEYOND_DOUBLE: Refusal = { problem: "is beyond 2^53 − 1: give it as a bigint", error: RangeError };
const BEYOND_64_BITS: Refusal = { problem: "is beyond 64 bits", error: RangeError };

/**
 * How many bytes `value` takes at most when it is encoded, or why it cannot be. `path`, at first that of `value`, then leads
 * to what cannot.
 */
function roomFor(value: unknown, path: (string | number)[]): number | Refusal {
  if (value === null || typeof value === "boolean") return 1;
  if (value instanceof Uint8Array) return headBytes(value.length) + value.length;
  if (typeof value === "string") return LONE_SURROGATE.test(value) ? HALF_A_PAIR : roomForText(value);
  if (typeof value === "number") {
    if (Number.isSafeInteger(value)) return headBytes(Math.abs(value));
    return Number.isInteger(value) ? BEYOND_DOUBLE : NO_INTEGER;
  }
  if (typeof value === "bigint") return value < MIN_INTEGER || value > MAX_INTEGER ? BEYOND_64_BITS : 9;
  const isArray = Array.isArray(value);
  if (!isArray && !isPlainObject(value)) {
    return { problem: `is ${describe(value)}: the format has no such type`, error: TypeError };
  }
  if (path.length >= MAX_DEPTH) {
    return { problem: `is more than ${MAX_DEPTH} arrays or maps deep`, error: RangeError };
  }
  return isArray ? roomForItems(value, path) : roomForEntries(value, path);
}

function roomForItems(items: readonly unknown[], path: (string | number)[]): number | Refusal {
  let total = headBytes(items.length);
  for (let i = 0; i < items.length; i++) {
    path.push(i);
    const room = roomFor(items[i], path);
    if (typeof room !== "number") return room;
    path.pop();
    total += room;
  }
  return total;
}

function roomForEntries(map: Readonly<Record<string, unknown>>, path: (string | number)[]): number | Refusal {
  const keys = Object.keys(map);
  let total = headBytes(keys.length);
  for (const key of keys) {
    if (LONE_SURROGATE.test(key)) return HALF_A_PAIR_IN_KEY;
    const item = map[key];
    if (item === undefined) continue;
    path.push(key);
    const room = roomFor(item, path);
    if (typeof room !== "number") return room;
    path.pop();
    total += roomForText(key) + room;
  }
  return total;
}

/** A unit of UTF-16 takes three bytes of UTF-8 at most. */
function roomForText(text: string): number {
  return headBytes(text.length * 3) + text.length * 3;
}

/** Bytes of the head of an item with that argument. */
function headBytes(argument: number): number {
  if (argument < 24) return 1;
  if (argument < 2 ** 8) return 2;
  if (argument < 2 ** 16) return 3;
  return argument < 2 ** 32 ? 5 : 9;
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
