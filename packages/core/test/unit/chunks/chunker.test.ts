import { describe, expect, it } from "vitest";
import { joinBytes } from "../../../src/bytes.ts";
import { cutChunks, DATA_ROW, gearTable, LIST_ROW } from "../../../src/chunks/chunker.ts";
import { chunkIdOf } from "../../../src/envelope/envelope.ts";
import { keys, noise, otherKeys } from "../../fixtures.ts";

const gear = gearTable(keys);
const idsOf = (body: Uint8Array, row = DATA_ROW) =>
  cutChunks(body, gear, row).map((chunk) => chunkIdOf(keys, chunk).join());
/** A table that cuts at every byte, and one whose hash never has its top bits at 0 while all bytes are 0. */
const always = new Int32Array(256);
const never = new Int32Array(256).fill(0x55555555);

/** The hash after so many zero bytes under `never`. */
function hashAfter(count: number): number {
  let hash = 0;
  for (let i = 0; i < count; i++) hash = ((hash << 1) + 0x55555555) | 0;
  return hash;
}

describe.each([
  { name: "data", row: DATA_ROW, min: 4096, target: 16_384, max: 65_536 },
  { name: "list", row: LIST_ROW, min: 1024, target: 2048, max: 8192 },
])("the $name row", ({ row, min, target, max }) => {
  const lengths = (body: Uint8Array, table: Int32Array) => cutChunks(body, table, row).map((chunk) => chunk.length);

  it("cuts nothing out of nothing", () => {
    expect(cutChunks(new Uint8Array(), gear, row)).toEqual([]);
  });

  it("cuts nothing up to min bytes, and min + 1 at the earliest", () => {
    expect(lengths(new Uint8Array(min), always)).toEqual([min]);
    expect(lengths(new Uint8Array(min + 1), always)).toEqual([min + 1]);
    expect(lengths(new Uint8Array(3 * min), always)).toEqual([min + 1, min + 1, min - 2]);
  });

  it("cuts at max anyway", () => {
    expect(lengths(new Uint8Array(max), never)).toEqual([max]);
    expect(lengths(new Uint8Array(max + 1), never)).toEqual([max, 1]);
    expect(lengths(new Uint8Array(2 * max), never)).toEqual([max, max]);
  });

  it("asks for fewer bits from target on", () => {
    const lengthWith = (offset: number) => {
      // The byte there makes the hash 0 in the bits of `late`, and not in the others of `early`.
      const wanted = row.early & ~row.late;
      const table = Int32Array.from(never, (value, byte) =>
        byte === 1 ? wanted - (hashAfter(offset - min) << 1) : value,
      );
      const body = new Uint8Array(max);
      body[offset] = 1;
      return cutChunks(body, table, row)[0]?.length;
    };
    expect(lengthWith(target)).toBe(target + 1);
    expect(lengthWith(target - 1)).not.toBe(target);
  });

  it("gives chunks of min + 1 to max that join to the body", () => {
    const body = noise(40 * target);
    const chunks = cutChunks(body, gear, row);
    expect(joinBytes(chunks)).toEqual(body);
    for (const chunk of chunks.slice(0, -1)) {
      expect(chunk.length).toBeGreaterThan(min);
      expect(chunk.length).toBeLessThanOrEqual(max);
    }
    expect(chunks.length).toBeGreaterThan(15);
  });
});

it("changes few chunks where a byte is inserted, removed or changed", () => {
  const body = noise(600_000);
  const before = new Set(idsOf(body));
  expect(before.size).toBeGreaterThan(20);
  for (const at of [0, 100_000, 333_333, 599_999]) {
    const inserted = joinBytes([body.subarray(0, at), Uint8Array.of(1), body.subarray(at)]);
    const removed = joinBytes([body.subarray(0, at), body.subarray(at + 1)]);
    const changed = body.slice();
    changed[at] = (changed[at] as number) ^ 1;
    for (const edited of [inserted, removed, changed]) {
      const fresh = idsOf(edited).filter((id) => !before.has(id));
      expect(fresh.length).toBeGreaterThan(0);
      expect(fresh.length).toBeLessThanOrEqual(3);
    }
  }
});

it("cuts elsewhere for another wallet", () => {
  const body = noise(600_000);
  const lengths = (table: Int32Array) => cutChunks(body, table, DATA_ROW).map((chunk) => chunk.length);
  expect(lengths(gearTable(otherKeys))).not.toEqual(lengths(gear));
  expect(new Set(gear).size).toBeGreaterThan(250);
});
