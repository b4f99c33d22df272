import { describe, expect, it } from "vitest";
import { openAtHome, sealAtHome } from "../../../src/envelope/at-home.ts";
import { keys, noise, otherKeys } from "../../fixtures.ts";

const plain = noise(100);
const kept = sealAtHome(keys, "mark", plain);

it.each([0, 1, 100, 70_000])("opens what it sealed: %i bytes", (length) => {
  expect(openAtHome(keys, "mark", sealAtHome(keys, "mark", noise(length)))).toEqual(noise(length));
});

it("needs no randomness, and never uses a nonce for two plaintexts", () => {
  expect(sealAtHome(keys, "mark", plain)).toEqual(kept);
  const nonceOf = (sealed: Uint8Array) => sealed.slice(1, 25).join();
  const nonces = [
    kept,
    sealAtHome(keys, "other", plain),
    sealAtHome(keys, "mark", noise(99)),
    sealAtHome(otherKeys, "mark", plain),
  ];
  expect(new Set(nonces.map(nonceOf)).size).toBe(4);
});

it("refuses a label that could run into the bytes behind it", () => {
  expect(() => sealAtHome(keys, "a\0b", plain)).toThrow(RangeError);
  expect(() => openAtHome(keys, "a\0b", kept)).toThrow(RangeError);
});

describe("gives null for", () => {
  it("any byte changed, any prefix, a byte more", () => {
    for (let i = 0; i < kept.length; i++) {
      const changed = kept.slice();
      changed[i] = (changed[i] as number) ^ 0x80;
      expect(openAtHome(keys, "mark", changed)).toBeNull();
      expect(openAtHome(keys, "mark", kept.subarray(0, i))).toBeNull();
    }
    expect(openAtHome(keys, "mark", Uint8Array.of(...kept, 0))).toBeNull();
  });

  it("another label, other keys", () => {
    expect(openAtHome(keys, "marks", kept)).toBeNull();
    expect(openAtHome(otherKeys, "mark", kept)).toBeNull();
  });
});

it("takes bytes alone", () => {
  expect(() => sealAtHome(keys, "mark", "text" as never)).toThrow(TypeError);
  expect(() => openAtHome(keys, "mark", "text" as never)).toThrow(TypeError);
});
