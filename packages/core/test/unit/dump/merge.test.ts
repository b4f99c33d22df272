import { describe, expect, it } from "vitest";
import type { Account } from "../../../src/dump/accounts.ts";
import { type Dump, RawSection } from "../../../src/dump/dump.ts";
import { type MergeOptions, mergeDumps } from "../../../src/dump/merge.ts";
import type { Pairing } from "../../../src/dump/pairings.ts";

const account = (id: string, more: Partial<Account> = {}): Account => ({
  id,
  kind: "standard",
  network: "mainnet",
  name: id,
  path: "m/84'/0'/0'",
  script: "p2wpkh",
  ...more,
});

const pairing = (id: string): Pairing => ({
  id,
  network: "mainnet",
  account: "a",
  name: "Phone",
  publicKey: new Uint8Array(33).fill(2),
  chainCode: new Uint8Array(32),
});

const dumpOf = (accounts: Account[], more: Partial<Dump> = {}): Dump => ({ accounts, pairings: [], ...more });

const merge = (base: Dump | null, local: Dump, remote: Dump, more: Partial<MergeOptions> = {}) =>
  mergeDumps({ base, local, remote, ...more });

describe("records", () => {
  const [a, b, c] = [account("a"), account("b"), account("c")];

  it.each([
    { id: "added here", base: [a], local: [a, b], remote: [a], merged: [a, b] },
    { id: "added there", base: [a], local: [a], remote: [a, b], merged: [a, b] },
    { id: "added on both sides", base: [a], local: [a, b], remote: [a, c], merged: [a, c, b] },
    { id: "removed here, unchanged there", base: [a, b], local: [a], remote: [a, b], merged: [a] },
    { id: "removed there, unchanged here", base: [a, b], local: [a, b], remote: [a], merged: [a] },
    { id: "removed on both sides", base: [a, b], local: [a], remote: [a], merged: [a] },
  ])("$id", ({ base, local, remote, merged }) => {
    const result = merge(dumpOf(base), dumpOf(local), dumpOf(remote));
    expect(result).toEqual({ dump: dumpOf(merged), conflicts: [] });
  });

  it("removed on one side and changed on the other are kept", () => {
    const changed = account("b", { name: "Savings" });
    expect(merge(dumpOf([a, b]), dumpOf([a]), dumpOf([a, changed])).dump.accounts).toEqual([a, changed]);
    expect(merge(dumpOf([a, b]), dumpOf([a, changed]), dumpOf([a])).dump.accounts).toEqual([a, changed]);
  });

  it("without a base are united: nothing is taken as removed", () => {
    expect(merge(null, dumpOf([a]), dumpOf([b])).dump.accounts).toEqual([b, a]);
  });
});

describe("keys of one record", () => {
  const base = account("a", { external: { next: 3 }, birthday: 500 });

  it("changed on different sides both count", () => {
    const result = merge(dumpOf([base]), dumpOf([{ ...base, name: "Mine" }]), dumpOf([{ ...base, archived: true }]));
    expect(result).toEqual({ dump: dumpOf([{ ...base, name: "Mine", archived: true }]), conflicts: [] });
  });

  it("changed on both sides follow their rule", () => {
    const local = { ...base, external: { next: 5 }, birthday: 300 };
    const remote = { ...base, external: { next: 4, used: [0, 7] }, birthday: 400 };
    const result = merge(dumpOf([base]), dumpOf([local]), dumpOf([remote]));
    const external = { next: 5, used: [0, 1, 2, 3, 4, 7] };
    expect(result).toEqual({ dump: dumpOf([{ ...base, external, birthday: 300 }]), conflicts: [] });
  });

  it("changed on both sides without a rule: the remote value, and the local one is reported", () => {
    const local = { ...base, name: "Mine" };
    const remote = { ...base, name: "Theirs" };
    const result = merge(dumpOf([base]), dumpOf([local]), dumpOf([remote]));
    expect(result.dump.accounts).toEqual([remote]);
    expect(result.conflicts).toEqual([
      { section: "accounts", record: { local, remote }, key: "name", local: "Mine", remote: "Theirs" },
    ]);
  });

  it("are decided by the wallet's resolver", () => {
    const [local, remote] = [
      { ...base, name: "Mine" },
      { ...base, name: "Theirs" },
    ];
    const resolve = (conflict: { local: unknown }) => conflict.local;
    expect(merge(dumpOf([base]), dumpOf([local]), dumpOf([remote]), { resolve }).dump.accounts).toEqual([local]);
  });

  it("removed on one side are removed", () => {
    const { birthday: _, ...without } = base;
    expect(merge(dumpOf([base]), dumpOf([without]), dumpOf([base])).dump.accounts).toEqual([without]);
  });
});

describe("pairings", () => {
  it("that a kept account names are kept, whoever removed them", () => {
    const paired = account("a", { kind: "paired", script: "p2sh", pairing: "p" });
    const base = { accounts: [paired], pairings: [pairing("p")] };
    const remote = { accounts: [{ ...paired, name: "Renamed" }], pairings: [pairing("p")] };
    expect(merge(base, { accounts: [], pairings: [] }, remote).dump).toEqual(remote);
    const nobodys = { accounts: [{ ...paired, name: "Renamed" }], pairings: [] };
    expect(merge(base, { accounts: [paired], pairings: [] }, nobodys).dump.pairings).toEqual([pairing("p")]);
  });
});

describe("sections", () => {
  const labels = [{ type: "tx", ref: "f91d", label: "Rent" }];
  const raw = (...bytes: number[]) => new RawSection("acme.x", Uint8Array.from(bytes));

  it("absent here are the remote's; absent there were removed there", () => {
    expect(merge(dumpOf([], { labels }), dumpOf([]), dumpOf([], { labels })).dump.labels).toEqual(labels);
    expect(merge(dumpOf([], { labels }), dumpOf([], { labels }), dumpOf([])).dump.labels).toEqual([]);
    expect(merge(dumpOf([]), dumpOf([], { labels }), dumpOf([])).dump.labels).toEqual(labels);
  });

  it("without a definition are merged whole", () => {
    const of = (section?: RawSection) => dumpOf([], section ? { "acme.x": section } : {});
    expect(merge(of(raw(1)), of(raw(1)), of(raw(2))).dump["acme.x"]).toEqual(raw(2));
    expect(merge(of(raw(1)), of(raw(2)), of(raw(1))).dump["acme.x"]).toEqual(raw(2));
    expect(merge(of(raw(1)), of(raw(1)), of()).dump).toEqual(of());
    expect(merge(of(raw(1)), of(raw(2)), of()).dump["acme.x"]).toEqual(raw(2));
    const both = merge(of(raw(1)), of(raw(2)), of(raw(3)));
    expect(both.dump["acme.x"]).toEqual(raw(3));
    expect(both.conflicts).toEqual([{ section: "acme.x", local: raw(2), remote: raw(3) }]);
  });
});

it("changes none of its inputs", () => {
  const freeze = (dump: Dump): Dump => {
    for (const section of Object.values(dump)) Object.freeze(section);
    return Object.freeze(dump);
  };
  const base = freeze(dumpOf([Object.freeze(account("a"))]));
  const local = freeze(dumpOf([Object.freeze(account("a", { name: "Mine" }))]));
  const remote = freeze(dumpOf([Object.freeze(account("a", { birthday: 1 }))]));
  expect(merge(base, local, remote).dump.accounts).toEqual([account("a", { name: "Mine", birthday: 1 })]);
});
