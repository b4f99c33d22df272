import { describe, expect, it } from "vitest";
import { bytesToHex, joinBytes } from "../../../src/bytes.ts";
import { encodeCbor } from "../../../src/cbor.ts";
import {
  type BundleHead,
  decodeBundle,
  decodeBundleHead,
  decodeChunkItems,
  decodeIds,
  decodeWholeBundle,
  encodeBundle,
  encodeBundleHead,
  encodeChunkItem,
  encodeIds,
} from "../../../src/chunks/bundle.ts";
import { MAX_SEALED_CHUNK_BYTES, MAX_SEALED_ENVELOPE_BYTES, MIN_SEALED_BYTES } from "../../../src/envelope/sizes.ts";
import { IncompleteError } from "../../../src/errors.ts";
import { codeOf, errorOf } from "../../fixtures.ts";

const id = (byte: number) => new Uint8Array(32).fill(byte);
const sealed = new Uint8Array(60).fill(7);
const head: BundleHead = {
  realm: new Uint8Array(16).fill(1),
  wallet: id(2),
  revision: 3,
  after: id(4),
  base: 2,
  envelope: new Uint8Array(58),
  add: [id(5), id(6)],
  drop: [id(7)],
};
const wireHead = { format: 1, ...head };
const item = (byte: number) => [id(byte), sealed];
const sequence = (...items: unknown[]) => joinBytes(items.map((each) => encodeCbor(each)));

it("reads what it writes", () => {
  const items = [
    { id: id(5), sealed },
    { id: id(6), sealed },
  ];
  const bytes = encodeBundle({ head, items });
  expect(bytesToHex(bytes)).toBe(bytesToHex(sequence(wireHead, item(5), item(6))));
  expect(decodeBundle(bytes)).toEqual({ head, items });
  expect(decodeBundleHead(encodeBundleHead(head))).toEqual(head);
  expect(decodeChunkItems(joinBytes(items.map(encodeChunkItem)))).toEqual(items);
});

it("ignores keys of the head that it does not know", () => {
  expect(decodeBundle(sequence({ ...wireHead, zzz: [1] }))).toEqual({ head, items: [] });
});

it("need not have every chunk of add: the server may have it", () => {
  expect(decodeBundle(sequence(wireHead, item(6))).items.length).toBe(1);
});

it("gives views", () => {
  const bytes = sequence(wireHead, item(5));
  const { head: read, items } = decodeBundle(bytes);
  expect(new Set([read.realm, read.envelope, read.add[0], items[0]?.sealed].map((view) => view?.buffer)).size).toBe(1);
  expect(read.realm.buffer).toBe(bytes.buffer);
});

const wrongHeads: { id: string; change: object }[] = [
  { id: "no format", change: { format: undefined } },
  { id: "a format that is text", change: { format: "1" } },
  { id: "no realm", change: { realm: undefined } },
  { id: "a realm of 15 bytes", change: { realm: new Uint8Array(15) } },
  { id: "a wallet of 31 bytes", change: { wallet: new Uint8Array(31) } },
  { id: "a wallet in hex", change: { wallet: "00".repeat(32) } },
  { id: "no revision", change: { revision: undefined } },
  { id: "revision 0", change: { revision: 0, base: 0, drop: [] } },
  { id: "a negative revision", change: { revision: -1 } },
  { id: "a revision beyond 2^53 − 1", change: { revision: 2n ** 53n } },
  { id: "no after", change: { after: undefined } },
  { id: "after of 20 bytes", change: { after: new Uint8Array(20) } },
  { id: "no base", change: { base: undefined } },
  { id: "a base that is its revision", change: { base: 3 } },
  { id: "a base above its revision", change: { base: 4 } },
  { id: "no envelope", change: { envelope: undefined } },
  { id: "an envelope of 57 bytes", change: { envelope: new Uint8Array(MIN_SEALED_BYTES - 1) } },
  { id: "an envelope beyond 4 MiB", change: { envelope: new Uint8Array(MAX_SEALED_ENVELOPE_BYTES + 1) } },
  { id: "no add", change: { add: undefined } },
  { id: "add null", change: { add: null } },
  { id: "add with an id of 31 bytes", change: { add: [new Uint8Array(31)] } },
  { id: "add out of order", change: { add: [id(6), id(5)] } },
  { id: "add with an id twice", change: { add: [id(5), id(5)] } },
  { id: "no drop", change: { drop: undefined } },
  { id: "drop out of order", change: { drop: [id(8), id(7)] } },
  { id: "drop with an id twice", change: { drop: [id(7), id(7)] } },
  { id: "drop at base 0", change: { base: 0 } },
  { id: "an id in add and in drop", change: { drop: [id(6)] } },
];

describe("a head is refused with", () => {
  it.each(wrongHeads)("$id", ({ change }) => {
    const bytes = encodeCbor({ ...wireHead, ...change });
    for (const decode of [decodeBundle, decodeBundleHead, decodeWholeBundle]) {
      expect(codeOf(() => decode(bytes))).toBe("ERR_CB_TAMPERED");
    }
  });

  it.each(wrongHeads.filter(({ change }) => !("format" in change)))("$id, also when it is written", ({ change }) => {
    const error = errorOf(() => encodeBundleHead({ ...head, ...change } as BundleHead));
    expect(error instanceof RangeError || error instanceof TypeError).toBe(true);
  });

  it.each([2, 0, 2n ** 60n, -1])("format %s: an unsupported version", (format) => {
    expect(codeOf(() => decodeBundle(encodeCbor({ format })))).toBe("ERR_CB_UNSUPPORTED_VERSION");
  });

  it.each([
    ["an array", [1]],
    ["a number", 1],
    ["null", null],
    ["bytes", id(1)],
  ])("%s in its place", (_, first) => {
    expect(codeOf(() => decodeBundle(encodeCbor(first)))).toBe("ERR_CB_TAMPERED");
  });
});

describe("items are refused", () => {
  it.each([
    { id: "no array", items: [{ id: id(5), sealed }] },
    { id: "of one", items: [[id(5)]] },
    { id: "of three", items: [[id(5), sealed, 1]] },
    { id: "with an id of 31 bytes", items: [[new Uint8Array(31), sealed]] },
    { id: "with text for a chunk", items: [[id(5), "sealed"]] },
    { id: "with a chunk of 57 bytes", items: [[id(5), new Uint8Array(57)]] },
    { id: "with a chunk of 67,633 bytes", items: [[id(5), new Uint8Array(MAX_SEALED_CHUNK_BYTES + 1)]] },
    { id: "out of order", items: [item(6), item(5)] },
    { id: "twice", items: [item(5), item(5)] },
  ])("$id", ({ items }) => {
    expect(codeOf(() => decodeBundle(sequence(wireHead, ...items)))).toBe("ERR_CB_TAMPERED");
    expect(codeOf(() => decodeChunkItems(sequence(...items)))).toBe("ERR_CB_TAMPERED");
  });

  it("that add does not name", () => {
    expect(codeOf(() => decodeBundle(sequence(wireHead, item(9))))).toBe("ERR_CB_TAMPERED");
    expect(codeOf(() => decodeChunkItems(sequence(item(9))))).toBeNull();
  });

  it("may have 58 to 67,632 bytes", () => {
    expect([MIN_SEALED_BYTES, MAX_SEALED_CHUNK_BYTES]).toEqual([58, 67_632]);
    const items = [
      [id(5), new Uint8Array(58)],
      [id(6), new Uint8Array(67_632)],
    ];
    expect(decodeBundle(sequence(wireHead, ...items)).items.length).toBe(2);
  });

  it("when they are written", () => {
    expect(() => encodeChunkItem({ id: new Uint8Array(31), sealed })).toThrow(RangeError);
    expect(() => encodeChunkItem({ id: id(1), sealed: "sealed" as never })).toThrow(TypeError);
  });
});

describe("a whole bundle", () => {
  const whole = { ...wireHead, base: 0, after: null, drop: [] };

  it("has every chunk", () => {
    expect(decodeWholeBundle(sequence(whole, item(5), item(6))).items.length).toBe(2);
    const error = errorOf(() => decodeWholeBundle(sequence(whole, item(6)))) as IncompleteError;
    expect(error).toBeInstanceOf(IncompleteError);
    expect(error.missing).toEqual([bytesToHex(id(5))]);
  });

  it("has no base and no after", () => {
    expect(codeOf(() => decodeWholeBundle(sequence({ ...whole, base: 2 }, item(5), item(6))))).toBe("ERR_CB_TAMPERED");
    expect(codeOf(() => decodeWholeBundle(sequence({ ...whole, after: id(1) }, item(5), item(6))))).toBe(
      "ERR_CB_TAMPERED",
    );
  });
});

describe("a head alone", () => {
  it("is refused with items behind it", () => {
    expect(codeOf(() => decodeBundleHead(sequence(wireHead, item(5))))).toBe("ERR_CB_TAMPERED");
  });
});

describe("ids", () => {
  it("come in any order, also twice", () => {
    const ids = [id(3), id(1), id(3)];
    expect(decodeIds(encodeIds(ids))).toEqual(ids);
    expect(decodeIds(encodeIds([]))).toEqual([]);
  });

  it.each([
    ["a map", {}],
    ["an id of 31 bytes", [new Uint8Array(31)]],
    ["an id in hex", ["00".repeat(32)]],
  ])("are refused: %s", (_, value) => {
    expect(codeOf(() => decodeIds(encodeCbor(value)))).toBe("ERR_CB_TAMPERED");
  });

  it("are refused before many small items become much memory", () => {
    // An array head for 100,000 items, which are empty byte strings.
    const bomb = new Uint8Array(5 + 100_000).fill(0x40);
    bomb.set([0x9a, 0x00, 0x01, 0x86, 0xa0]);
    expect(() => decodeIds(bomb)).toThrow(/more items than such bytes may hold, at byte 63\d\d$/);
  });

  it("are refused with bytes behind them, and when they are written wrongly", () => {
    expect(codeOf(() => decodeIds(sequence([], [])))).toBe("ERR_CB_TAMPERED");
    expect(() => encodeIds([new Uint8Array(31)])).toThrow(RangeError);
  });
});

it("takes bytes alone", () => {
  for (const decode of [decodeBundle, decodeBundleHead, decodeChunkItems, decodeIds, decodeWholeBundle]) {
    expect(() => decode("bytes" as never)).toThrow(TypeError);
  }
  for (const decode of [decodeBundle, decodeBundleHead, decodeIds, decodeWholeBundle]) {
    expect(codeOf(() => decode(new Uint8Array()))).toBe("ERR_CB_TAMPERED");
  }
  expect(decodeChunkItems(new Uint8Array())).toEqual([]);
});
