import { describe, expect, it } from "vitest";
import { type Account, accountsSection } from "../../../src/dump/accounts.ts";
import { decodeSection, encodeSection } from "../../../src/dump/sections.ts";
import { InvalidDumpError } from "../../../src/errors.ts";
import { account, errorOf } from "../../fixtures.ts";

const encode = (...records: unknown[]) => encodeSection(accountsSection, records);
const roundTrip = (...records: unknown[]) => decodeSection(accountsSection, encode(...records));
const paired = { ...account, kind: "paired", script: "p2sh", pairing: "p1" };

describe("an account is refused", () => {
  it.each([
    { id: "no map", record: 1, path: undefined },
    { id: "null", record: null, path: undefined },
    { id: "no id", record: { ...account, id: undefined }, path: "id" },
    { id: "an empty id", record: { ...account, id: "" }, path: "id" },
    { id: "an id that is a number", record: { ...account, id: 1 }, path: "id" },
    { id: "no kind", record: { ...account, kind: undefined }, path: "kind" },
    { id: "no network", record: { ...account, network: undefined }, path: "network" },
    { id: "no name", record: { ...account, name: undefined }, path: "name" },
    { id: "an empty name", record: { ...account, name: "" }, path: "name" },
    { id: "a name of 101 characters", record: { ...account, name: "é".repeat(101) }, path: "name" },
    { id: "null where a key should be absent", record: { ...account, path: null }, path: "path" },
    { id: "a path that is none", record: { ...account, path: "44'/0'/0'" }, path: "path" },
    { id: "a script that is no text", record: { ...account, script: 1 }, path: "script" },
    { id: "standard without path", record: { ...account, path: undefined }, path: "path" },
    { id: "standard without script", record: { ...account, script: undefined }, path: "script" },
    { id: "paired without path", record: { ...paired, path: undefined }, path: "path" },
    { id: "paired without script", record: { ...paired, script: undefined }, path: "script" },
    { id: "paired without pairing", record: { ...paired, pairing: undefined }, path: "pairing" },
    { id: "next missing", record: { ...account, external: {} }, path: "external.next" },
    { id: "next below 0", record: { ...account, external: { next: -1 } }, path: "external.next" },
    { id: "next with a fraction", record: { ...account, external: { next: 0.5 } }, path: "external.next" },
    { id: "next as a bigint", record: { ...account, internal: { next: 1n } }, path: "internal.next" },
    { id: "a chain that is no map", record: { ...account, internal: 7 }, path: "internal" },
    { id: "used not ascending", record: { ...account, external: { next: 3, used: [1, 0] } }, path: "external.used" },
    {
      id: "used with an index twice",
      record: { ...account, external: { next: 3, used: [1, 1] } },
      path: "external.used",
    },
    { id: "used with text", record: { ...account, external: { next: 3, used: ["1"] } }, path: "external.used.0" },
    { id: "used that is no list", record: { ...account, external: { next: 3, used: 1 } }, path: "external.used" },
    {
      id: "a fingerprint of 5 bytes",
      record: { ...account, origin: { fingerprint: new Uint8Array(5), path: "m" } },
      path: "origin.fingerprint",
    },
    {
      id: "an origin without path",
      record: { ...account, origin: { fingerprint: new Uint8Array(4) } },
      path: "origin.path",
    },
    { id: "a birthday that is text", record: { ...account, birthday: "2020" }, path: "birthday" },
    { id: "archived that is 1", record: { ...account, archived: 1 }, path: "archived" },
  ])("$id", ({ record, path }) => {
    const error = errorOf(() => encode(account, record)) as InvalidDumpError;
    expect(error).toBeInstanceOf(InvalidDumpError);
    expect([error.section, error.index, error.path]).toEqual(["accounts", 1, path]);
  });
});

describe("an account is taken", () => {
  it.each([
    { id: "with every key", record: { ...paired, descriptor: "pkh(x)", birthday: 0, archived: false } },
    { id: "a name of 100 characters beyond U+FFFF", record: { ...account, name: "\u{1f600}".repeat(100) } },
    { id: "with an origin", record: { ...account, origin: { fingerprint: new Uint8Array(4), path: "m/44'" } } },
    { id: "without chains", record: { ...account, external: undefined, internal: undefined } },
    {
      id: "a wallet's own kind without path and script",
      record: { id: "x", kind: "acme.vault", network: "liquid", name: "V" },
    },
    {
      id: "keys, networks and scripts unknown here",
      record: { ...account, network: "mars", script: "p2zk", extra: { deep: [1n * 2n ** 60n] } },
    },
    { id: "unknown keys in a chain", record: { ...account, external: { next: 1, gap: 20 } } },
  ])("$id", ({ record }) => {
    const defined = Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
    expect(roundTrip(record)).toEqual([defined]);
  });

  it.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
    "of a kind named %s, like any unknown one",
    (kind) => {
      expect(roundTrip({ id: "x", kind, network: "mainnet", name: "n" })).toEqual([
        { id: "x", kind, network: "mainnet", name: "n" },
      ]);
    },
  );
});

it("refuses two of one id, naming both", () => {
  expect(errorOf(() => encode(account, { ...account, name: "Other" })).message).toBe(
    "accounts[1]: has the identity of record 0",
  );
});

it("sorts by id", () => {
  const ids = ["b", "a", "aa", "B"].map((id) => ({ ...account, id }));
  expect(roundTrip(...ids).map((record) => (record as Account).id)).toEqual(["B", "a", "aa", "b"]);
});

describe("used", () => {
  it.each([
    { id: "left out where it is 0 … next − 1", chain: { next: 3, used: [0, 1, 2] }, kept: { next: 3 } },
    { id: "left out where nothing is used", chain: { next: 0, used: [] }, kept: { next: 0 } },
    { id: "kept with a gap", chain: { next: 4, used: [0, 2] }, kept: { next: 4, used: [0, 2] } },
    { id: "kept where less is used than next says", chain: { next: 3, used: [0, 1] }, kept: { next: 3, used: [0, 1] } },
    { id: "kept where it is shifted", chain: { next: 2, used: [1, 2] }, kept: { next: 2, used: [1, 2] } },
  ])("is $id", ({ chain, kept }) => {
    expect(roundTrip({ ...account, external: chain, internal: chain })).toEqual([
      { ...account, external: kept, internal: kept },
    ]);
  });

  it("leaves the caller's account as it was", () => {
    const given = { ...account, external: { next: 2, used: [0, 1] } };
    encode(given);
    expect(given.external).toEqual({ next: 2, used: [0, 1] });
  });
});

describe("merging", () => {
  const { external, birthday } = accountsSection.merge;

  it.each([
    { id: "the larger next", local: { next: 2 }, remote: { next: 5 }, merged: { next: 5 } },
    {
      id: "the union of used",
      local: { next: 2, used: [1] },
      remote: { next: 4, used: [0, 3] },
      merged: { next: 4, used: [0, 1, 3] },
    },
    {
      id: "what one side leaves out",
      local: { next: 2 },
      remote: { next: 4, used: [3] },
      merged: { next: 4, used: [0, 1, 3] },
    },
    {
      id: "no list of all that is below an index far up",
      local: { next: 2 ** 31 - 1 },
      remote: { next: 4, used: [1, 3] },
      merged: { next: 2 ** 31 - 1 },
    },
    {
      id: "unknown keys, the local first",
      local: { next: 1, a: 1, b: 1 },
      remote: { next: 1, b: 2, c: 2 },
      merged: { next: 1, a: 1, b: 1, c: 2 },
    },
  ])("chains takes $id", ({ local, remote, merged }) => {
    expect(external?.(local, remote)).toEqual(merged);
    expect(external?.(remote, local)).toMatchObject({ next: merged.next });
  });

  it("takes the earlier birthday", () => {
    expect([birthday?.(5, 3), birthday?.(3, 5)]).toEqual([3, 3]);
  });

  it("has no rule for what has none", () => {
    expect(Object.keys(accountsSection.merge).sort()).toEqual(["birthday", "external", "internal"]);
  });
});

it("says which key is missing", () => {
  const { id, ...rest } = account;
  expect(errorOf(() => encode(rest)).message).toBe("accounts[0].id: must be there");
  expect(errorOf(() => encode({ ...account, external: {} })).message).toBe("accounts[0].external.next: must be there");
  expect(errorOf(() => encode({ ...account, external: 1 })).message).toBe("accounts[0].external: must be a map");
  expect(id).toBe(account.id);
});
