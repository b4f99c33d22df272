import { describe, expect, it } from "vitest";
import { atMost, ratioAtLeast, ratioAtMost, rowOf } from "../src/row.ts";

const peer = { name: "bare", value: 10 };

describe("rowOf", () => {
  it("sets a figure beside its peer", () => {
    const row = rowOf({ name: "seal", value: 4, unit: "MiB/s", peer, goal: ratioAtLeast(0.3) });
    expect(row).toEqual({ name: "seal", value: 4, unit: "MiB/s", peer, ratio: 0.4, goal: "≥ 0.3 ×", pass: true });
  });

  it.each([
    ["a ratio that is too low", { value: 2, peer, goal: ratioAtLeast(0.3) }, false],
    ["a ratio at its limit", { value: 15, peer, goal: ratioAtMost(1.5) }, true],
    ["a ratio that is too high", { value: 16, peer, goal: ratioAtMost(1.5) }, false],
    ["a value below its limit, whatever the peer has", { value: 4096, peer, goal: atMost(4096) }, true],
    ["a value above its limit", { value: 4097, goal: atMost(4096) }, false],
    ["a figure without a goal", { value: 1, peer }, null],
    ["a goal for a ratio to a peer that is not there", { value: 1, goal: ratioAtLeast(1) }, null],
  ])("judges %s", (_, figure, pass) => {
    expect(rowOf({ name: "any", unit: "B", ...figure }).pass).toBe(pass);
  });

  it("names the unit of a goal for the value", () => {
    expect(rowOf({ name: "any", value: 1, unit: "B", goal: atMost(4096) }).goal).toBe("≤ 4096 B");
  });
});
