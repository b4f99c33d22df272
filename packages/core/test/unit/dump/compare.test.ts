import * as v from "valibot";
import { describe, expect, it } from "vitest";
import type { Account } from "../../../src/dump/accounts.ts";
import { encodeDump } from "../../../src/dump/codec.ts";
import { type CompareOptions, compareSection } from "../../../src/dump/compare.ts";
import { type AnySectionDefinition, defineSection, encodeRecords } from "../../../src/dump/sections.ts";

const account = (id: string, more: Partial<Account> = {}): Account => ({
  id,
  kind: "standard",
  network: "mainnet",
  name: `Account ${id}`,
  path: "m/84'/0'/0'",
  script: "p2wpkh",
  ...more,
});
const [a, b, c] = [account("a"), account("b"), account("c")];

/** Null: not known. */
type Records = readonly unknown[] | null;

function bodyOf(name: string, records: readonly unknown[], sections: readonly AnySectionDefinition[] = []): Uint8Array {
  const body = encodeDump({ accounts: [], pairings: [], [name]: records }, { sections }).get(name);
  return body ?? new Uint8Array();
}

function compare(base: Records, local: readonly unknown[], remote: readonly unknown[], name = "accounts") {
  return compareSection({
    name,
    local: bodyOf(name, local),
    remote: bodyOf(name, remote),
    base: base && bodyOf(name, base),
  });
}

describe("records of two dumps", () => {
  it("are counted, and the same ones are not listed", () => {
    expect(compare(null, [a, b], [a, b])).toEqual({
      isSame: true,
      newer: undefined,
      counts: { local: 2, remote: 2 },
      differences: [],
      more: 0,
    });
  });

  it.each<{ id: string; base: Records; local: Account[]; remote: Account[]; found: object }>([
    { id: "added here", base: [a], local: [a, b], remote: [a], found: { in: "local", newer: "local" } },
    { id: "added there", base: [a], local: [a], remote: [a, b], found: { in: "remote", newer: "remote" } },
    { id: "removed here", base: [a, b], local: [a], remote: [a, b], found: { in: "remote", newer: "local" } },
    { id: "removed there", base: [a, b], local: [a, b], remote: [a], found: { in: "local", newer: "remote" } },
    { id: "in one, without a base", base: null, local: [a, b], remote: [a], found: { in: "local", newer: undefined } },
  ])("$id", ({ base, local, remote, found }) => {
    const { differences, ...rest } = compare(base, local, remote);
    expect(differences).toEqual([{ id: "b", name: "Account b", keys: [], newer: undefined, ...found }]);
    expect(rest).toMatchObject({ isSame: false, more: 0 });
  });

  it("removed on one side and changed on the other have no newer side", () => {
    const changed = account("b", { name: "Savings" });
    expect(compare([a, b], [a, changed], [a]).differences).toMatchObject([{ in: "local", newer: undefined }]);
    expect(compare([a, b], [a], [a, changed]).differences).toMatchObject([{ in: "remote", newer: undefined }]);
  });

  it("that differ name their keys, and the side that changed them", () => {
    const [renamed, put] = [account("a", { name: "Rent" }), account("a", { archived: true, birthday: 5 })];
    expect(compare([a], [renamed], [a]).differences).toMatchObject([
      { id: "a", name: "Rent", in: "both", keys: ["name"], newer: "local" },
    ]);
    expect(compare([a], [a], [put]).differences).toMatchObject([
      { id: "a", name: "Account a", keys: ["archived", "birthday"], newer: "remote" },
    ]);
    expect(compare([a], [renamed], [put]).differences).toMatchObject([
      { keys: ["archived", "birthday", "name"], newer: undefined },
    ]);
    expect(compare([], [renamed], [a]).differences).toMatchObject([{ keys: ["name"], newer: undefined }]);
  });

  it("without a base, the side with the larger counters is newer", () => {
    const at = (external: number, internal: number) =>
      account("a", { external: { next: external }, internal: { next: internal } });
    expect(compare(null, [at(7, 3)], [at(5, 3)]).differences).toMatchObject([{ keys: ["external"], newer: "local" }]);
    expect(compare(null, [at(5, 3)], [at(7, 4)]).differences).toMatchObject([
      { keys: ["external", "internal"], newer: "remote" },
    ]);
    expect(compare(null, [at(7, 3)], [at(5, 4)]).differences).toMatchObject([{ newer: undefined }]);
    const scattered = account("a", { external: { next: 3, used: [0, 2] }, internal: { next: 3 } });
    expect(compare(null, [scattered], [at(5, 3)]).differences).toMatchObject([{ newer: "remote" }]);
    expect(compare([at(1, 1)], [at(7, 3)], [at(5, 3)]).differences).toMatchObject([{ newer: "local" }]);
  });

  it("the section is newer where all of its differences are", () => {
    const renamed = account("a", { name: "Rent" });
    expect(compare([a, b], [renamed, b, c], [a, b]).newer).toBe("local");
    expect(compare([a, b, c], [a, b], [renamed, b, c]).newer).toBeUndefined();
  });

  it("are listed up to a limit, first those that are here, and the rest is counted", () => {
    const many = Array.from({ length: 1_500 }, (_, i) => account(String(i).padStart(4, "0")));
    const missing = compare(null, many, [a]);
    expect(missing.differences).toHaveLength(1_000);
    expect(missing).toMatchObject({ isSame: false, more: 501, newer: undefined, counts: { local: 1_500, remote: 1 } });
    const bodies = { local: bodyOf("accounts", [b]), remote: bodyOf("accounts", [a, c]), base: null };
    const some = compareSection({ name: "accounts", ...bodies, maxRecords: 2 });
    expect(some.differences.map(({ id }) => id)).toEqual(["b", "a"]);
    expect(some.more).toBe(1);
    expect(compareSection({ name: "accounts", ...bodies, maxRecords: 0 })).toMatchObject({ more: 3, isSame: false });
  });

  it("of another writer, who orders and writes them otherwise, are the same", () => {
    const long = account("a", { external: { next: 2, used: [0, 1] } });
    const remote = encodeRecords("accounts", [b, long]);
    const local = bodyOf("accounts", [long, b]);
    expect(remote).not.toEqual(local);
    expect(compareSection({ name: "accounts", local, remote, base: null })).toMatchObject({
      isSame: true,
      differences: [],
    });
  });

  it("have an identity that a person can read", () => {
    const labels = [
      { type: "tx", ref: "f9", label: "Rent" },
      { type: "tx", ref: "f9", origin: "wpkh" },
    ];
    expect(compare(null, labels, [], "labels").differences).toMatchObject([
      { id: "tx f9", name: "Rent" },
      { id: "tx f9 wpkh", name: undefined },
    ]);
    const things = defineSection({
      name: "acme.things",
      schema: v.any(),
      identity: (thing: { id: Uint8Array | number }) => thing.id,
    });
    const sections = [things];
    const local = bodyOf("acme.things", [{ id: new Uint8Array([1, 255]) }, { id: 5 }], sections);
    const found = compareSection({ name: "acme.things", local, remote: new Uint8Array(), base: null, sections });
    expect(found.differences.map(({ id }) => id)).toEqual(["5", "01ff"]);
  });
});

describe("a section of a wallet's own", () => {
  const texts = defineSection({ name: "acme.texts", schema: v.string(), identity: (text) => text, order: "given" });
  const compareTexts = (local: string[], remote: string[], more: Partial<CompareOptions> = {}) => {
    const [mine, theirs] = [local, remote].map((records) => bodyOf("acme.texts", records, [texts])) as [
      Uint8Array,
      Uint8Array,
    ];
    return compareSection({ name: "acme.texts", local: mine, remote: theirs, base: null, sections: [texts], ...more });
  };

  it("whose records are no maps lists them", () => {
    expect(compareTexts(["a"], ["b"]).differences).toEqual([
      { id: "a", name: undefined, in: "local", keys: [], newer: undefined },
      { id: "b", name: undefined, in: "remote", keys: [], newer: undefined },
    ]);
  });

  it("whose order is the wallet's differs by it alone", () => {
    expect(compareTexts(["a", "b"], ["b", "a"])).toMatchObject({ isSame: false, differences: [], more: 0 });
    expect(compareTexts(["a", "b"], ["a", "b"]).isSame).toBe(true);
  });

  it("tells nothing by a base that its definition cannot read", () => {
    const notes = defineSection({
      name: "acme.notes",
      schema: v.object({ key: v.object({ id: v.number() }), text: v.string() }),
      identity: (note) => note.key.id,
    });
    const note = (text: string) => bodyOf("acme.notes", [{ key: { id: 1 }, text }], [notes]);
    const bodies = { local: note("new"), remote: note("old"), name: "acme.notes", sections: [notes] };
    expect(compareSection({ ...bodies, base: note("old") }).newer).toBe("local");
    expect(compareSection({ ...bodies, base: encodeRecords("acme.notes", [{ id: 1 }]) }).newer).toBeUndefined();
    expect(compareSection({ ...bodies, base: new Uint8Array([0xff]) }).newer).toBeUndefined();
  });

  it("without a definition is compared as one", () => {
    const [local, remote] = [encodeRecords("acme.x", ["a"]), encodeRecords("acme.x", ["b"])];
    const whole = { counts: undefined, differences: [], more: 0 };
    const compareX = (base: Uint8Array | null) => compareSection({ name: "acme.x", local, remote, base });
    expect(compareX(null)).toEqual({ ...whole, isSame: false, newer: undefined });
    expect(compareX(local)).toEqual({ ...whole, isSame: false, newer: "remote" });
    expect(compareX(remote)).toEqual({ ...whole, isSame: false, newer: "local" });
    const same = { name: "acme.x", local, remote: local, base: remote };
    expect(compareSection(same)).toEqual({ ...whole, isSame: true, newer: undefined });
  });
});

it("refuses wrong options", () => {
  const bodies = { local: new Uint8Array(), remote: new Uint8Array(), base: null };
  const refused = (options: object) => () => compareSection({ name: "accounts", ...bodies, ...options });
  expect(refused({ limit: 5 })).toThrow(TypeError);
  expect(refused({ name: 5 })).toThrow(/name/);
  expect(refused({ local: [] })).toThrow(/local/);
  expect(refused({ remote: "x" })).toThrow(/remote/);
  expect(refused({ base: undefined })).toThrow(/base/);
  expect(refused({ maxRecords: -1 })).toThrow(/maxRecords/);
});
