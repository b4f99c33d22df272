import { describe, expect, it } from "vitest";
import { interleave, median } from "../src/benchmark.ts";

describe("median", () => {
  it.each([
    [[3], 3],
    [[10, 1, 2], 2],
    [[10, 1, 2, 4], 3],
  ])("of %j is %d", (figures, middle) => {
    expect(median(figures)).toBe(middle);
  });

  it("refuses none", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("interleave", () => {
  it("takes turns, and leaves the first round out", async () => {
    const order: string[] = [];
    const figures = { a: [100, 1, 2, 9], b: [100, 7, 7, 8] };
    const next = (name: "a" | "b") => () => {
      order.push(name);
      return figures[name].shift() as number;
    };
    expect(await interleave(3, { a: next("a"), b: next("b") })).toEqual({ a: 2, b: 7 });
    expect(order.join("")).toBe("abababab");
  });
});
