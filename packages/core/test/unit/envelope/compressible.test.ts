import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { concatBytes, joinBytes, utf8ToBytes } from "../../../src/bytes.ts";
import { encodeCbor } from "../../../src/cbor.ts";
import { cutChunks, DATA_ROW, gearTable, LIST_ROW } from "../../../src/chunks/chunker.ts";
import { mayDeflate } from "../../../src/envelope/compressible.ts";
import { encodeFrame } from "../../../src/envelope/frame.ts";
import { padmeLength } from "../../../src/envelope/padme.ts";
import { portablePrimitives } from "../../../src/primitives/portable.ts";
import { keys, noise } from "../../fixtures.ts";

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const sequence = (records: unknown[]): Uint8Array => joinBytes(records.map((record) => encodeCbor(record)));
/** Of a version, a hash, a Merkle root, a time, bits and a nonce, two thirds look random. */
const header = (i: number) =>
  concatBytes(Uint8Array.of(0, 0, 0, 32), noise(64, i), Uint8Array.of(i, i >> 8, 9, 95, 23, 11, 12, 225), noise(4, -i));

/** What a dump has: every chunk of it that DEFLATE makes shorter must be tried. */
const gaining = [
  { id: "accounts", body: sequence(many(300, (i) => ({ id: `mainnet/m/84'/0'/${i}'`, name: `Account ${i}` }))) },
  { id: "labels", body: sequence(many(400, (i) => ({ type: "tx", ref: noise(32, i).join(""), label: "Rent" }))) },
  { id: "transactions", body: sequence(many(900, (i) => ({ txid: noise(32, i), height: 800_000 + i, time: 1.7e9 + i }))) },
  { id: "headers", body: sequence([{ network: "mainnet", start: 0, bytes: joinBytes(many(2016, header)) }]) },
  { id: "small filters", body: sequence(many(500, (i) => ({ kind: "bip158", block: noise(32, i), bytes: noise(150, -i) }))) },
  { id: "hex text", body: sequence(many(100, (i) => noise(300, i).reduce((hex, byte) => hex + byte.toString(16), ""))) },
  { id: "one key in many records", body: joinBytes(many(300, (i) => concatBytes(noise(32), noise(300, i)))) },
  {
    id: "text between noise",
    body: joinBytes(many(40, (i) => (i % 4 ? noise(4_000, i) : utf8ToBytes(`Notes on the thing of day ${i}. `.repeat(60))))),
  },
]; // biome-ignore format: a table

const chunksOf = (body: Uint8Array) => cutChunks(body, gearTable(keys), DATA_ROW);
const paddedLength = (bytes: Uint8Array) => padmeLength(9 + bytes.length);

describe("tries", () => {
  it.each(gaining)("what DEFLATE makes shorter: $id", ({ body }) => {
    const shorter = chunksOf(body).filter((chunk) => paddedLength(deflateRawSync(chunk)) < paddedLength(chunk));
    expect(shorter.length).toBeGreaterThan(0);
    expect(shorter.filter((chunk) => !mayDeflate(chunk))).toEqual([]);
  });

  it("a list of chunks", () => {
    const list = sequence(many(300, (i) => [noise(32, i), 16_000 + i]));
    expect(cutChunks(list, gearTable(keys), LIST_ROW).every(mayDeflate)).toBe(true);
  });

  it("short bytes, whatever they are", () => {
    for (const length of [0, 1, 66, 1_023]) expect(mayDeflate(noise(length))).toBe(true);
  });
});

describe("does not try", () => {
  it.each([1_024, 1_100, 4_096, 16_384, 65_535, 65_536])("%i bytes that look random", (length) => {
    const tried = many(40, (i) => noise(length, i)).filter(mayDeflate);
    expect(tried.length).toBeLessThan(2);
  });

  it("wherever the bytes stand in memory", () => {
    const bytes = noise(9_000);
    for (const start of [1, 2, 3]) expect(mayDeflate(bytes.subarray(start))).toBe(false);
  });

  it("and such a frame pays for no DEFLATE", () => {
    const deflateRaw = () => {
      throw new Error("deflated");
    };
    const frame = encodeFrame(noise(65_536), { ...portablePrimitives, deflateRaw });
    expect(frame[0]).toBe(0);
  });
});
