import { expect, it } from "vitest";
import { padmeLength } from "../../../src/envelope/padme.ts";

it("is the formula of PURBs §4, for every length up to 100,000", () => {
  for (let length = 2; length <= 100_000; length++) {
    const e = 31 - Math.clz32(length);
    const s = 31 - Math.clz32(e) + 1;
    const mask = (1 << Math.max(0, e - s)) - 1;
    if (padmeLength(length) !== ((length + mask) & ~mask)) expect(`${length}: ${padmeLength(length)}`).toBe("right");
  }
  expect([padmeLength(0), padmeLength(1), padmeLength(2)]).toEqual([0, 1, 2]);
});

it("grows by 12 % at most, never shrinks, and is its own", () => {
  let before = 0;
  for (let length = 1; length < 2 ** 45; length = Math.ceil(length * 1.37)) {
    const padded = padmeLength(length);
    expect(padded).toBeGreaterThanOrEqual(Math.max(length, before));
    expect(padded / length).toBeLessThanOrEqual(1.12);
    expect(padmeLength(padded)).toBe(padded);
    before = padded;
  }
});

it("takes lengths alone", () => {
  for (const length of [-1, 0.5, Number.NaN]) expect(() => padmeLength(length)).toThrow(RangeError);
});
