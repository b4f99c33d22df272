import { expect, it } from "vitest";
import type { Dump } from "../../../src/dump/dump.ts";
import { mergeDumps } from "../../../src/dump/merge.ts";

const dumpOf = (key: string, value: number): Dump => {
  const record = [
    ["id", "a"],
    ["kind", "acme.kind"],
    ["network", "mainnet"],
    ["name", "A"],
    [key, value],
  ];
  return { accounts: [Object.fromEntries(record)], pairings: [] };
};

it.each(["constructor", "toString", "__proto__"])("merges a key named %s like any other", (key) => {
  const sides = { local: dumpOf(key, 1), remote: dumpOf(key, 2) };
  const { dump, conflicts } = mergeDumps({ base: dumpOf(key, 0), ...sides });
  expect(Object.entries(dump.accounts[0] ?? {})).toContainEqual([key, 2]);
  expect(conflicts).toMatchObject([{ section: "accounts", key, local: 1, remote: 2 }]);
  const { dump: changedHere } = mergeDumps({ base: dumpOf(key, 2), ...sides });
  expect(Object.entries(changedHere.accounts[0] ?? {})).toContainEqual([key, 1]);
});

it("merges a section named constructor like any other", () => {
  const empty: Dump = { accounts: [], pairings: [] };
  const { dump } = mergeDumps({ base: empty, local: empty, remote: { ...empty, constructor: [1] } as unknown as Dump });
  expect(Object.entries(dump)).toContainEqual(["constructor", [1]]);
});
