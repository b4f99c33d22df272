import { expect, it } from "vitest";
import { atMost, ratioAtLeast, rowOf } from "../src/row.ts";
import { formatNumber, formatTable } from "../src/table.ts";

it("prints a table that Markdown understands, and notes below it", () => {
  const rows = [
    rowOf({ name: "seal", value: 512.34, unit: "MiB/s", peer: { name: "bare", value: 1024 }, goal: ratioAtLeast(0.6) }),
    rowOf({ name: "update", value: 1234, unit: "B", goal: atMost(4096), note: "median of 20" }),
  ];
  expect(formatTable(rows).split("\n")).toEqual([
    "|        | value | unit  | beside | its value | ratio | goal     |        |",
    "| ------ | ----: | ----- | ------ | --------: | ----: | -------- | ------ |",
    "| seal   |   512 | MiB/s | bare   |     1,024 |   0.5 | ≥ 0.6 ×  | MISSED |",
    "| update | 1,234 | B     |        |           |       | ≤ 4096 B | kept   |",
    "",
    "- update: median of 20",
  ]);
});

it.each([
  [0, "0"],
  [0.01234, "0.012"],
  [1.2345, "1.23"],
  [45.678, "45.7"],
  [123_456.7, "123,457"],
])("writes %d as %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});
