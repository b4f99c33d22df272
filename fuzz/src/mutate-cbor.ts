import { joinBytes } from "../../packages/core/src/bytes.ts";
import { readHead } from "../../packages/core/test/property/cbor-oracle.ts";
import { BOUNDARIES, mutateBytes } from "./mutate-bytes.ts";
import type { Source } from "./source.ts";

/** An item of CBOR, as what it is made of: so that a change of one is not a change of all around it. */
export interface Item {
  major: number;
  /** A length or a number; what the items or bytes inside say where it is undefined. */
  argument?: bigint | undefined;
  /** Of a string. */
  content?: Uint8Array;
  /** Of an array; of a map, keys and values in turn. */
  items?: Item[];
  /** Bytes of the argument, 0 to 8; as few as it needs where it is undefined. */
  width?: number;
  /** Stands instead of all else. */
  raw?: Uint8Array;
}

const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;

/** Reads a sequence of good items: what vectors hold. */
export function parseItems(bytes: Uint8Array): Item[] {
  const items: Item[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { item, end } = parseItem(bytes, at);
    items.push(item);
    at = end;
  }
  return items;
}

export function encodeItems(items: readonly Item[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const item of items) appendTo(parts, item);
  return joinBytes(parts);
}

/** A sequence with one change of its structure; `donors` are items that may stand in for others. Changes no argument. */
export function mutateItems(source: Source, items: readonly Item[], donors: readonly Item[]): Item[] {
  const mutant = items.map(copyOf);
  const { list, place } = source.pick(spotsOf(mutant));
  const item = list[place];
  const donor = copyOf(source.pick(donors));
  if (item) source.pick(MUTATIONS)({ source, list, place, item, donor });
  else list.push(donor);
  return mutant;
}

interface Spot {
  source: Source;
  list: Item[];
  place: number;
  item: Item;
  donor: Item;
}

const MUTATIONS: readonly ((spot: Spot) => void)[] = [
  function drop({ list, place, source }) {
    list.splice(place, source.pick([1, 1, 2]));
  },
  function double({ list, place, item }) {
    list.splice(place, 0, copyOf(item));
  },
  function doublePair({ list, place }) {
    const start = place - (place % 2);
    list.splice(start, 0, ...list.slice(start, start + 2).map(copyOf));
  },
  function swap({ list, place, source }) {
    const other = source.below(list.length);
    [list[place], list[other]] = [list[other] as Item, list[place] as Item];
  },
  function swapPairs({ list, place, source }) {
    const [a, b] = [place - (place % 2), 2 * source.below(Math.ceil(list.length / 2))].sort((x, y) => x - y) as [
      number,
      number,
    ];
    const [first, second] = [list.slice(a, a + 2), list.slice(b, b + 2)];
    if (a !== b) list.splice(a, b + 2 - a, ...second, ...list.slice(a + 2, b), ...first);
  },
  function replace({ list, place, donor }) {
    list[place] = donor;
  },
  function insert({ list, place, donor }) {
    list.splice(place, 0, donor);
  },
  function lie({ item, source }) {
    const truth = argumentOf(item);
    item.argument = source.pick([truth + 1n, truth > 0n ? truth - 1n : 1n, source.pick(BOUNDARIES)]);
  },
  function widen({ item, source }) {
    item.width = source.pick([1, 2, 4, 8]);
  },
  function retype({ item, source }) {
    item.argument = argumentOf(item);
    item.major = source.below(8);
  },
  function corrupt({ item, source, donor }) {
    if (item.content) item.content = mutateBytes(source, item.content, donor.content ?? item.content);
    else if (!item.items) item.argument = source.pick(BOUNDARIES);
  },
  function stretch({ item, source }) {
    if (item.content) item.content = joinBytes([item.content, source.bytes(source.pick([1, 16, 33, 300]))]);
  },
  function wrap({ list, place, item, source }) {
    let wrapped = item;
    for (let depth = source.pick([1, 2, 14, 15, 16, 17, 40]); depth > 0; depth--) {
      wrapped = { major: ARRAY, items: [wrapped] };
    }
    list[place] = wrapped;
  },
  function unlisted({ list, place, source }) {
    list[place] = { major: 0, raw: source.pick(OUTSIDE_OF_THE_SUBSET) };
  },
];

/** Floats, tags, other simple values, indefinite lengths, a lone break. */
const OUTSIDE_OF_THE_SUBSET = [
  [0xf9, 0x3c, 0x00],
  [0xfa, 0x3f, 0x80, 0, 0],
  [0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0],
  [0xc0, 0x00],
  [0xc2, 0x41, 0x05],
  [0xf7],
  [0xe0],
  [0xf8, 0x20],
  [0x9f, 0xff],
  [0xbf, 0xff],
  [0x5f, 0xff],
  [0x7f, 0x61, 0x61, 0xff],
  [0xff],
  [0x1c],
].map((bytes) => Uint8Array.from(bytes));

function parseItem(bytes: Uint8Array, at: number): { item: Item; end: number } {
  const { major, argument, end } = readHead(bytes, at);
  if (major === BYTES || major === TEXT) {
    const stop = end + Number(argument);
    return { item: { major, content: bytes.subarray(end, stop) }, end: stop };
  }
  if (major !== ARRAY && major !== MAP) {
    // A simple value is its own head, whose argument says nothing.
    return major === 7 ? { item: { major, raw: bytes.subarray(at, end) }, end } : { item: { major, argument }, end };
  }
  const items: Item[] = [];
  let next = end;
  for (let left = Number(argument) * (major === MAP ? 2 : 1); left > 0; left--) {
    const inner = parseItem(bytes, next);
    items.push(inner.item);
    next = inner.end;
  }
  return { item: { major, items }, end: next };
}

function appendTo(parts: Uint8Array[], item: Item): void {
  if (item.raw) {
    parts.push(item.raw);
    return;
  }
  parts.push(headOf(item.major, argumentOf(item), item.width));
  if (item.content) parts.push(item.content);
  for (const inner of item.items ?? []) appendTo(parts, inner);
}

function argumentOf({ major, argument, content, items }: Item): bigint {
  if (argument !== undefined) return argument;
  if (content) return BigInt(content.length);
  return BigInt(Math.floor((items?.length ?? 0) / (major === MAP ? 2 : 1)));
}

function headOf(major: number, argument: bigint, width = widthOf(argument)): Uint8Array {
  const head = new DataView(new ArrayBuffer(9));
  head.setBigUint64(1, argument);
  const info = width === 0 ? Number(argument & 31n) : 24 + Math.log2(width);
  head.setUint8(8 - width, (major << 5) | info);
  return new Uint8Array(head.buffer, 8 - width);
}

/** The shortest (RFC 8949 §4.2.1). */
function widthOf(argument: bigint): number {
  if (argument < 24n) return 0;
  return [1, 2, 4].find((width) => argument < 2n ** BigInt(8 * width)) ?? 8;
}

function copyOf(item: Item): Item {
  return item.items ? { ...item, items: item.items.map(copyOf) } : { ...item };
}

/** Where an item stands, in the sequence and in every array and map in it; and where one could, in those that are empty. */
function spotsOf(list: Item[]): { list: Item[]; place: number }[] {
  if (list.length === 0) return [{ list, place: 0 }];
  return list.flatMap((item, place) => [{ list, place }, ...(item.items ? spotsOf(item.items) : [])]);
}

/** All items, those inside of others too. */
export function everyItem(items: readonly Item[]): Item[] {
  return items.flatMap((item) => [item, ...everyItem(item.items ?? [])]);
}
