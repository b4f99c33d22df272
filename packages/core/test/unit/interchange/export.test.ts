import { describe, expect, it } from "vitest";
import { hexToBytes } from "../../../src/bytes.ts";
import type { Account } from "../../../src/dump/accounts.ts";
import { withChecksum } from "../../../src/dump/descriptor-checksum.ts";
import type { Dump } from "../../../src/dump/dump.ts";
import { importCaravan } from "../../../src/interchange/caravan.ts";
import { importColdcard } from "../../../src/interchange/coldcard.ts";
import { NotExportableError } from "../../../src/interchange/errors.ts";
import { exportDescriptors } from "../../../src/interchange/export-descriptors.ts";
import { exportCaravan, exportColdcard } from "../../../src/interchange/export-multisig.ts";
import { importDescriptors } from "../../../src/interchange/import-descriptors.ts";
import { errorOf } from "../../fixtures.ts";
import { caravanOf, expressionOf, keyAt, SEEDS, type TestKey } from "../../wallet-files.ts";

const path = "m/48'/0'/0'/2'";
const SEED = SEEDS[0] as Uint8Array;
const [own, other] = SEEDS.map((seed) => keyAt(seed, path)) as [TestKey, TestKey];
const master = keyAt(SEEDS[1] as Uint8Array, "m");
const file = JSON.stringify(caravanOf([own, other]));
const imported: Dump = { accounts: [], pairings: [], ...importCaravan(file, { source: SEED }).dump };
const [paired] = imported.accounts as [Account];

/** As a wallet made it that pairs with an authenticator, not an import. */
const made: Dump = {
  accounts: [
    {
      id: "mainnet/m/44'/0'/1'",
      kind: "paired",
      network: "mainnet",
      name: "Savings",
      path: "m/44'/0'/1'",
      script: "p2sh",
      pairing: "p",
    },
    {
      id: "mainnet/m/84'/0'/0'",
      kind: "standard",
      network: "mainnet",
      name: "Spending",
      path: "m/84'/0'/0'",
      script: "p2wpkh",
      external: { next: 7 },
      internal: { next: 3 },
      birthday: 1_700_000_000,
    },
  ],
  pairings: [
    {
      id: "p",
      network: "mainnet",
      account: "mainnet/m/44'/0'/1'",
      name: "My phone",
      publicKey: master.node.publicKey as Uint8Array,
      chainCode: master.node.chainCode as Uint8Array,
      secret: new Uint8Array(32),
    },
  ],
};
const madeKeys = [`[${master.fingerprint}]${master.xpub}/<0;1>/*`, expressionOf(keyAt(SEED, "m/44'/0'/1'"))].sort(
  (a, b) => (a.replace(/.*\]/, "") < b.replace(/.*\]/, "") ? -1 : 1),
);

const accountOf = (descriptor: string, more: Partial<Account> = {}): Dump => ({
  accounts: [{ id: "a", kind: "acme.kind", network: "mainnet", name: "A", descriptor, ...more }],
  pairings: [],
});
const wsh = (keys: readonly string[], name = "sortedmulti") => `wsh(${name}(1,${keys.join()}))`;

describe("a paired account that was never imported", () => {
  it("goes out by its seed and the other device's key", () => {
    const { text, report } = exportCaravan(made, "mainnet/m/44'/0'/1'", { source: SEED });
    expect(JSON.parse(text)).toMatchObject({
      name: "Savings",
      addressType: "P2SH",
      quorum: { requiredSigners: 2, totalSigners: 2 },
    });
    expect(JSON.parse(text).extendedPublicKeys).toContainEqual({
      name: "My phone",
      bip32Path: "m",
      xpub: master.xpub,
      xfp: master.fingerprint,
    });
    expect(report.map(({ what, where }) => [what, where])).toEqual([
      ["lost", "pairings"],
      ["assumed", "extendedPublicKeys"],
    ]);
    const again = importCaravan(text, { source: SEED }).dump;
    expect(again.accounts?.[0]).toMatchObject({ kind: "paired", path: "m/44'/0'/1'", script: "p2sh" });
    expect(again.pairings?.[0]?.publicKey).toEqual(made.pairings[0]?.publicKey);
    expect(again.pairings?.[0]?.chainCode).toEqual(made.pairings[0]?.chainCode);
  });

  it("goes out to Coldcard, with a path for each key", () => {
    const { text } = exportColdcard(made, "mainnet/m/44'/0'/1'", { source: SEED });
    const { dump, report } = importColdcard(text, { source: SEED });
    expect(dump.accounts?.[0]?.descriptor).toBe(withChecksum(`sh(sortedmulti(2,${madeKeys.join()}))`));
    expect(report.map(({ what }) => what)).toEqual(["assumed"]);
  });

  it("does not without its seed", () => {
    for (const write of [exportCaravan, exportColdcard]) {
      const error = errorOf(() => write(made, "mainnet/m/44'/0'/1'")) as NotExportableError;
      expect(error).toBeInstanceOf(NotExportableError);
      expect([error.code, error.message]).toEqual([
        "ERR_CB_NOT_EXPORTABLE",
        "The account has no descriptor: the seed is needed to make it (source)",
      ]);
    }
  });
});

describe("descriptors", () => {
  it("are of all accounts, as text", () => {
    const { text, report } = exportDescriptors(made, { source: SEED });
    expect(text).toBe(
      [
        "# Savings",
        withChecksum(`sh(sortedmulti(2,${madeKeys.join()}))`),
        "",
        "# Spending",
        withChecksum(`wpkh(${expressionOf(keyAt(SEED, "m/84'/0'/0'"))})`),
        "",
      ].join("\n"),
    );
    expect(report.map(({ where }) => where)).toEqual(["accounts.next", "accounts.birthday", "pairings"]);
    expect(importDescriptors(text, { source: SEED }).dump.accounts?.map(({ id, kind }) => [id, kind])).toEqual(
      made.accounts.map(({ id, kind }) => [id, kind]),
    );
  });

  it("are one chain each for Bitcoin Core, with their use and time", () => {
    const { text, report } = exportDescriptors(made, { format: "core", source: SEED });
    const { descriptors } = JSON.parse(text);
    const key = keyAt(SEED, "m/84'/0'/0'");
    expect(descriptors).toHaveLength(4);
    expect(descriptors.slice(2)).toEqual([
      {
        desc: withChecksum(`wpkh(${expressionOf(key, "/0/*")})`),
        timestamp: 1_700_000_000,
        active: false,
        internal: false,
        range: [0, 1006],
        next: 7,
        next_index: 7,
      },
      {
        desc: withChecksum(`wpkh(${expressionOf(key, "/1/*")})`),
        timestamp: 1_700_000_000,
        active: false,
        internal: true,
        range: [0, 1002],
        next: 3,
        next_index: 3,
      },
    ]);
    expect(report.map(({ where }) => where)).toEqual(["accounts.name", "pairings"]);
    const again = importDescriptors(text, { source: SEED, name: "Spending" }).dump;
    expect(again.accounts?.[1]).toMatchObject({ ...made.accounts[1] });
  });

  it("that were imported from Bitcoin Core go out as they came", () => {
    const key = keyAt(SEED, "m/84'/0'/0'");
    const core = {
      wallet_name: "Mine",
      descriptors: [
        {
          desc: withChecksum(`wpkh(${expressionOf(key, "/0/*")})`),
          timestamp: 1_700_000_500,
          active: true,
          internal: false,
          range: [0, 999],
          next: 7,
          next_index: 7,
        },
        {
          desc: withChecksum(`wpkh(${expressionOf(key, "/1/*")})`),
          timestamp: 1_700_000_000,
          active: true,
          internal: true,
          range: [0, 1002],
          next: 3,
          next_index: 3,
        },
        { desc: "raw(deadbeef)#89f8spxm", timestamp: 5, active: false },
      ],
    };
    for (const options of [{}, { source: SEED }]) {
      const { dump } = importDescriptors(JSON.stringify(core), options);
      const { text, report } = exportDescriptors({ accounts: [], pairings: [], ...dump }, { format: "core" });
      expect(JSON.parse(text)).toEqual(core);
      expect(report).toEqual([]);
    }
  });

  it("say what has none, and what has no place", () => {
    const dump: Dump = {
      ...made,
      accounts: [...made.accounts, { id: "x", kind: "acme.vault", network: "mars", name: "Vault" }],
      labels: [{ type: "tx", ref: "a" }],
      contacts: [],
      descriptors: [
        { descriptor: withChecksum(`wpkh(${own.node.privateExtendedKey})`) },
        { descriptor: "raw(deadbeef)#89f8spxm", name: "Raw\nbytes" },
      ],
    };
    const { text, report } = exportDescriptors(dump);
    expect(text).toBe("# Raw bytes\nraw(deadbeef)#89f8spxm\n");
    expect(report.map(({ what, where }) => [what, where])).toEqual([
      ["lost", "accounts mainnet/m/44'/0'/1'"],
      ["lost", "accounts mainnet/m/84'/0'/0'"],
      ["lost", "accounts x"],
      ["lost", "descriptors"],
      ["lost", "labels"],
    ]);
    const odd = accountOf(wsh([own, other].map((key) => expressionOf(key))), {
      network: "signet",
      external: { next: 6, used: [1, 5] },
      archived: true,
      startingAddressIndex: 3,
      cosigners: [],
    });
    expect(exportDescriptors(odd, { format: "core" }).report.map(({ where }) => where)).toEqual(
      ["used", "archived", "startingAddressIndex", "cosigners", "network"].map((key) => `accounts.${key}`),
    );
    expect(exportDescriptors({ accounts: [], pairings: [] }).text).toBe("");
  });
});

describe("says what the file cannot hold", () => {
  it("of a dump that a wallet goes on with", () => {
    const used: Dump = {
      ...imported,
      accounts: [
        { ...paired, name: "Ersparnisse für später, lang", external: { next: 3 }, birthday: 5, archived: true },
      ],
      labels: [{ type: "tx", ref: "a" }],
    };
    const lost = ["labels", "accounts.external", "accounts.birthday", "accounts.archived"];
    expect(exportCaravan(used, paired.id).report.map(({ where }) => where)).toEqual(lost);
    const { text, report } = exportColdcard(used, paired.id);
    expect(report.map(({ where }) => where)).toEqual([...lost, "accounts.name", "accounts.cosigners"]);
    expect(text).toContain("\nName: Ersparnisse f?r sp?t\n");
  });

  it("of networks", () => {
    const tpubs = SEEDS.slice(0, 2).map((seed) => expressionOf(keyAt(seed, path, false)));
    const dump = accountOf(wsh(tpubs), { network: "testnet4" });
    expect(JSON.parse(exportCaravan(dump, "a").text).network).toBe("testnet");
    expect(exportCaravan(dump, "a").report[0]).toMatchObject({ what: "converted", where: "accounts.network" });
    expect(exportColdcard(dump, "a").report[0]).toMatchObject({ what: "lost", where: "accounts.network" });
  });

  it("of keys whose origin nobody knows", () => {
    const text = JSON.stringify(caravanOf([own, other])).replace(`"${path}"`, '"Unknown"');
    const dump: Dump = { accounts: [], pairings: [], ...importCaravan(text).dump };
    const id = dump.accounts[0]?.id as string;
    const [first] = JSON.parse(exportCaravan(dump, id).text).extendedPublicKeys;
    expect([first.bip32Path, first.xfp]).toEqual(["Unknown", own.fingerprint]);
    expect(() => exportColdcard(dump, id)).toThrow(NotExportableError);
  });
});

it.each([
  { id: "one key", descriptor: `wpkh(${expressionOf(own)})` },
  {
    id: "another order of keys",
    descriptor: wsh(
      [own, other].map((key) => expressionOf(key)),
      "multi",
    ),
  },
  { id: "other chains", descriptor: wsh([own, other].map((key) => expressionOf(key, "/<2;3>/*"))) },
  { id: "one chain", descriptor: wsh([own, other].map((key) => expressionOf(key, "/0/*"))) },
  { id: "single keys", descriptor: wsh(["0260b2003c386519fc9eadf2b5cf124dd8eea4c4e68d5e154050a9346ea98ce600"]) },
  { id: "a private key", descriptor: wsh([own.node.privateExtendedKey]) },
  { id: "no descriptor", descriptor: "hello" },
  { id: "another checksum", descriptor: "raw(deedbeef)#89f8spxm" },
])("neither Caravan nor Coldcard has $id", ({ descriptor }) => {
  for (const write of [exportCaravan, exportColdcard]) {
    const error = errorOf(() => write(accountOf(descriptor), "a")) as NotExportableError;
    expect(error).toBeInstanceOf(NotExportableError);
    expect(`${error.message} ${error.cause ?? ""}`).not.toMatch(/x(pub|prv)[0-9A-Za-z]{5}|hello/);
  }
});

it("takes a wallet's own key named cosigners for what it is", () => {
  const keys = [own, other].map((key) => expressionOf(key));
  for (const cosigners of [5, "a", [null, 5, { xpub: 1 }], { a: 1 }]) {
    const [first] = JSON.parse(exportCaravan(accountOf(wsh(keys), { cosigners }), "a").text).extendedPublicKeys;
    expect(first.name).toBe("Key 1");
  }
});

it("wrong arguments are a programmer's mistake", () => {
  expect(() => exportCaravan(imported, "no such account")).toThrow(RangeError);
  expect(() => exportCaravan(imported, 1 as never)).toThrow(TypeError);
  expect(() => exportCaravan(undefined as never, "a")).toThrow(TypeError);
  expect(() => exportColdcard(imported, paired.id, { seed: SEED } as object)).toThrow(TypeError);
  expect(() => exportDescriptors(imported, { format: "xml" as "text" })).toThrow(RangeError);
  expect(() => exportDescriptors(null as never)).toThrow(TypeError);
  expect(paired.origin?.fingerprint).toEqual(hexToBytes(own.fingerprint));
});
