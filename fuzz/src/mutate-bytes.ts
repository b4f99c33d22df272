import { joinBytes } from "../../packages/core/src/bytes.ts";
import type { Source } from "./source.ts";

/** Where formats have their corners: heads of CBOR, signs, the ends of a byte. */
const ODD_BYTES = [
  0x00, 0x01, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1f, 0x40, 0x5b, 0x7f, 0x80, 0x9b, 0xbb, 0xf6, 0xfb, 0xff,
];

/** The ends of the widths in which lengths are written, and their neighbours. */
export const BOUNDARIES: readonly bigint[] = [5n, 7n, 8n, 15n, 16n, 31n, 32n, 53n, 63n, 64n]
  .flatMap((bits) => [2n ** bits - 1n, 2n ** bits, 2n ** bits + 1n])
  .concat(0n, 1n, 23n, 24n, 65_536n)
  .filter((value) => value < 2n ** 64n);

const MAX_INSERTED = 24;

type Mutation = (source: Source, bytes: Uint8Array, donor: Uint8Array) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  function flipBit(source, bytes) {
    const place = source.below(bytes.length);
    return patch(bytes, place, Uint8Array.of((bytes[place] as number) ^ (1 << source.below(8))));
  },
  function setByte(source, bytes) {
    return patch(bytes, source.below(bytes.length), Uint8Array.of(source.pick(ODD_BYTES)));
  },
  function setInteger(source, bytes) {
    const width = source.pick([2, 4, 8]);
    const integer = new DataView(new ArrayBuffer(8));
    integer.setBigUint64(0, source.pick(BOUNDARIES));
    return patch(bytes, source.below(bytes.length), new Uint8Array(integer.buffer, 8 - width));
  },
  function insert(source, bytes) {
    return splice(bytes, source.below(bytes.length + 1), 0, source.bytes(1 + source.below(MAX_INSERTED)));
  },
  function remove(source, bytes) {
    return splice(bytes, source.below(bytes.length), 1 + source.below(MAX_INSERTED));
  },
  function duplicate(source, bytes) {
    const start = source.below(bytes.length);
    return splice(bytes, start, 0, bytes.subarray(start, start + 1 + source.below(MAX_INSERTED * 4)));
  },
  function truncate(source, bytes) {
    return bytes.slice(0, source.below(bytes.length));
  },
  function overwrite(source, bytes, donor) {
    return patch(bytes, source.below(bytes.length), partOf(source, donor));
  },
  function transplant(source, bytes, donor) {
    return splice(bytes, source.below(bytes.length), source.below(MAX_INSERTED), partOf(source, donor));
  },
  function cross(source, bytes, donor) {
    const place = source.below(bytes.length);
    return joinBytes([bytes.subarray(0, place), donor.subarray(Math.min(place, source.below(donor.length + 1)))]);
  },
];

/** Bytes with a few changes; `donor` is what parts come from. Neither argument is changed. */
export function mutateBytes(source: Source, bytes: Uint8Array, donor: Uint8Array): Uint8Array {
  let mutant = bytes;
  // Most often one: a second can hide what the first would have shown.
  for (let rounds = source.pick([1, 1, 1, 2, 3]); rounds > 0; rounds--) {
    mutant = mutant.length === 0 ? source.bytes(source.below(8)) : source.pick(MUTATIONS)(source, mutant, donor);
  }
  return mutant;
}

function patch(bytes: Uint8Array, place: number, with_: Uint8Array): Uint8Array {
  const mutant = bytes.slice();
  mutant.set(with_.subarray(0, bytes.length - place), place);
  return mutant;
}

function splice(
  bytes: Uint8Array,
  place: number,
  removed: number,
  inserted: Uint8Array = new Uint8Array(),
): Uint8Array {
  return joinBytes([bytes.subarray(0, place), inserted, bytes.subarray(place + removed)]);
}

function partOf(source: Source, bytes: Uint8Array): Uint8Array {
  const start = source.below(bytes.length + 1);
  return bytes.subarray(start, start + source.below(MAX_INSERTED * 4));
}
