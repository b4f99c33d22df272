import { describe, expect, it } from "vitest";
import { hexToBytes } from "../../../src/bytes.ts";
import { encodeDump } from "../../../src/dump/codec.ts";
import { withChecksum } from "../../../src/dump/descriptor-checksum.ts";
import { ImportError } from "../../../src/interchange/errors.ts";
import { importDescriptors } from "../../../src/interchange/import-descriptors.ts";
import { errorOf } from "../../fixtures.ts";
import { expressionOf, keyAt, SEEDS, type TestKey } from "../../wallet-files.ts";

const SEED = SEEDS[0] as Uint8Array;
const key = keyAt(SEED, "m/84'/0'/0'");
const fingerprint = hexToBytes(key.fingerprint);
const wpkh = (derivation: string, of: TestKey = key) => withChecksum(`wpkh(${expressionOf(of, derivation)})`);

const standard = {
  id: "mainnet/m/84'/0'/0'",
  kind: "standard",
  network: "mainnet",
  name: "Spending",
  path: "m/84'/0'/0'",
  script: "p2wpkh",
  origin: { fingerprint, path: "m/84'/0'/0'" },
  descriptor: wpkh("/<0;1>/*"),
};

/** As Sparrow writes it. */
const sparrow = `# Receive and change descriptor (BIP389):
${wpkh("/<0;1>/*")}

# Receive descriptor (Bitcoin Core):
${wpkh("/0/*")}

# Change descriptor (Bitcoin Core):
${wpkh("/1/*")}
`;

/** As Bitcoin Core writes it. */
const core = {
  wallet_name: "Spending",
  descriptors: [
    {
      desc: wpkh("/0/*"),
      timestamp: 1_700_000_500,
      active: true,
      internal: false,
      range: [0, 1006],
      next: 7,
      next_index: 7,
    },
    {
      desc: wpkh("/1/*"),
      timestamp: 1_700_000_000,
      active: true,
      internal: true,
      range: [0, 1002],
      next: 3,
      next_index: 3,
    },
  ],
};

describe("of lines", () => {
  it("as Sparrow writes them, are one account and one record", () => {
    const { dump, report } = importDescriptors(sparrow, { source: SEED, name: "Spending" });
    expect(report).toEqual([]);
    expect(dump).toEqual({ accounts: [standard], pairings: [], descriptors: [{ descriptor: wpkh("/<0;1>/*") }] });
  });

  it("of receive and change are one account, and two records", () => {
    const { dump } = importDescriptors(`${wpkh("/1/*")}\r\n${wpkh("/0/*")}`, { fingerprint, name: "Spending" });
    expect(dump.accounts).toEqual([standard]);
    expect(dump.descriptors).toEqual([{ descriptor: wpkh("/1/*") }, { descriptor: wpkh("/0/*") }]);
  });

  it.each([
    { text: (of: string) => `pkh(${of})`, script: "p2pkh" },
    { text: (of: string) => `sh(wpkh(${of}))`, script: "p2sh-p2wpkh" },
    { text: (of: string) => `wpkh(${of})`, script: "p2wpkh" },
    { text: (of: string) => `tr(${of})`, script: "p2tr" },
  ])("$script are of the wallet where the key is, else kept by their descriptor", ({ text, script }) => {
    const descriptor = text(expressionOf(key));
    const [own] = importDescriptors(descriptor, { fingerprint }).dump.accounts ?? [];
    expect([own?.kind, own?.script, own?.path]).toEqual(["standard", script, key.path]);
    const [other] = importDescriptors(descriptor, { fingerprint: new Uint8Array(4) }).dump.accounts ?? [];
    expect([other?.kind, other?.script, other?.path]).toEqual(["cloudbackup.descriptor", script, undefined]);
    expect(other?.descriptor).toBe(withChecksum(descriptor));
  });

  it.each([
    { id: "other chains", text: wpkh("/<2;3>/*"), kind: "cloudbackup.descriptor" },
    { id: "hardened keys", text: wpkh("/0h/*h"), kind: "cloudbackup.descriptor" },
    { id: "one address", text: wpkh("/0/5"), kind: "cloudbackup.descriptor" },
    { id: "combo", text: `combo(${expressionOf(key)})`, kind: "cloudbackup.descriptor" },
    { id: "Miniscript", text: `wsh(and_v(v:pk(${expressionOf(key)}),older(144)))`, kind: "cloudbackup.descriptor" },
    {
      id: "a tree",
      text: `tr(${expressionOf(key)},pk(${expressionOf(keyAt(SEEDS[1] as Uint8Array, "m/0'"))}))`,
      kind: "cloudbackup.descriptor",
    },
    { id: "no extended key", text: "addr(bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq)", kind: undefined },
    { id: "bytes", text: "raw(deadbeef)", kind: undefined },
    { id: "a function that nobody knows", text: "acme(1)", kind: undefined },
  ])("$id", ({ text, kind }) => {
    const { dump, report } = importDescriptors(text, { fingerprint, name: "A" });
    expect(dump.accounts?.[0]?.kind).toBe(kind);
    expect(dump.descriptors).toEqual([{ descriptor: text.includes("#") ? text : withChecksum(text) }]);
    expect(report.map(({ what }) => what)).toEqual(kind ? [] : ["assumed"]);
    encodeDump({ accounts: [], pairings: [], ...dump });
  });

  it("twice the same are one", () => {
    const { dump } = importDescriptors(
      `${wpkh("/<0;1>/*")}\n${wpkh("/<0;1>/*").replaceAll("h/", "'/").replace(/#.*/, "")}`,
    );
    expect(dump.accounts).toHaveLength(1);
    expect(dump.descriptors).toHaveLength(1);
  });

  it("of one path and two scripts are two accounts, each with its id", () => {
    const text = `pkh(${expressionOf(key)})\nwpkh(${expressionOf(key)})`;
    const { accounts = [] } = importDescriptors(text, { fingerprint }).dump;
    expect(accounts.map(({ id }) => id)).toEqual([standard.id, `${standard.id}#${wpkh("/<0;1>/*").slice(-8)}`]);
  });

  it("of a key with a form of SLIP-132 have it as xpub", () => {
    const zpub =
      "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs";
    const { dump, report } = importDescriptors(`wpkh([73c5da0a/84h/0h/0h]${zpub}/<0;1>/*)`, { name: "A" });
    expect(report.map(({ what }) => what)).toEqual(["converted"]);
    expect(dump.descriptors?.[0]?.descriptor).toBe(dump.accounts?.[0]?.descriptor);
    expect(dump.accounts?.[0]?.descriptor).toContain(
      "xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3XyuvPEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V/<0;1>/*",
    );
  });
});

describe("of Bitcoin Core", () => {
  it("have their use and time", () => {
    const { dump, report } = importDescriptors(JSON.stringify(core), { source: SEED });
    expect(report).toEqual([]);
    expect(dump.accounts).toEqual([
      { ...standard, external: { next: 7 }, internal: { next: 3 }, birthday: 1_700_000_000 },
    ]);
    expect(dump.descriptors).toEqual([
      { descriptor: wpkh("/0/*"), timestamp: 1_700_000_500, next: 7, active: true, internal: false, range: [0, 1006] },
      { descriptor: wpkh("/1/*"), timestamp: 1_700_000_000, next: 3, active: true, internal: true, range: [0, 1002] },
    ]);
    encodeDump({ accounts: [], pairings: [], ...dump });
  });

  it("may be a list of requests, with little in them", () => {
    const { dump, report } = importDescriptors(
      JSON.stringify([{ desc: wpkh("/0/*"), timestamp: "now", label: "Mine", range: 20, color: 1 }]),
    );
    expect(dump.accounts?.[0]).toMatchObject({ name: "Mine", kind: "cloudbackup.descriptor" });
    expect(dump.accounts?.[0]?.birthday).toBeUndefined();
    expect(dump.descriptors).toEqual([{ descriptor: wpkh("/0/*"), name: "Mine", range: [0, 20] }]);
    expect(report.map(({ what, where }) => [what, where])).toEqual([
      ["lost", "[0].timestamp"],
      ["lost", "[0].color"],
    ]);
  });

  it("without a known time have none, and accounts are told apart by name", () => {
    const taproot = keyAt(SEED, "m/86'/0'/0'");
    const file = {
      wallet_name: "Old",
      descriptors: [
        { desc: wpkh("/0/*"), timestamp: 1 },
        { desc: withChecksum(`tr(${expressionOf(taproot, "/0/*")})`), timestamp: 0 },
      ],
    };
    const { accounts = [] } = importDescriptors(JSON.stringify(file), { fingerprint }).dump;
    expect(accounts.map(({ name, birthday, kind }) => [name, birthday, kind])).toEqual([
      ["Old (p2wpkh)", undefined, "standard"],
      ["Old (p2tr)", undefined, "standard"],
    ]);
  });
});

describe("refused, and said where", () => {
  const xprv = key.node.privateExtendedKey;
  const first = core.descriptors[0] as object;
  it.each([
    { id: "nothing", text: "", at: [undefined, undefined] },
    { id: "comments alone", text: "# a\n#b", at: [undefined, undefined] },
    { id: "a sentence", text: "hello world", at: [1, undefined] },
    { id: "no descriptor in the third line", text: `# a\n${wpkh("/0/*")}\nwpkh()`, at: [3, undefined] },
    { id: "another checksum", text: wpkh("/0/*").replace("/84h", "/85h"), at: [1, undefined] },
    { id: "a private key", text: `wpkh(${xprv}/0/*)`, at: [1, undefined] },
    { id: "a private key alone", text: xprv, at: [1, undefined] },
    {
      id: "keys of two networks",
      text: `wsh(multi(1,${key.xpub},${keyAt(SEED, "m", false).xpub}))`,
      at: [1, undefined],
    },
    { id: "the same key twice", text: `wsh(sortedmulti(1,${key.xpub}/0/*,${key.xpub}/0/*))`, at: [1, undefined] },
    { id: "an empty list", text: "[]", at: [undefined, undefined] },
    { id: "no list", text: '{"descriptors":{}}', at: [1, "descriptors"] },
    { id: "another object", text: '{"a":1}', at: [1, undefined] },
    { id: "no desc", text: '{"descriptors":[{}]}', at: [1, "descriptors[0]"] },
    { id: "a number", text: '{"descriptors":[{"desc":1}]}', at: [1, "descriptors[0].desc"] },
    {
      id: "a private key of Core",
      text: JSON.stringify({ descriptors: [{ desc: `wpkh(${xprv}/0/*)` }] }),
      at: [1, "descriptors[0].desc"],
    },
    {
      id: "a time below 0",
      text: JSON.stringify({ descriptors: [{ ...first, timestamp: -1 }] }),
      at: [1, "descriptors[0].timestamp"],
    },
    {
      id: "a next that is text",
      text: JSON.stringify({ descriptors: [{ ...first, next_index: "1" }] }),
      at: [1, "descriptors[0].next_index"],
    },
    {
      id: "a flag that is a number",
      text: JSON.stringify({ descriptors: [{ ...first, active: 1 }] }),
      at: [1, "descriptors[0].active"],
    },
    {
      id: "a range of three",
      text: JSON.stringify({ descriptors: [{ ...first, range: [0, 1, 2] }] }),
      at: [1, "descriptors[0].range"],
    },
  ])("$id", ({ text, at }) => {
    const error = errorOf(() => importDescriptors(text)) as ImportError;
    expect(error).toBeInstanceOf(ImportError);
    expect([error.line, error.path]).toEqual(at);
    expect(`${error.message} ${error.cause ?? ""}`).not.toMatch(/x(pub|prv)[0-9A-Za-z]{5}|hello/);
  });

  it("more descriptors than a wallet has", () => {
    expect(() => importDescriptors("raw(00)\n".repeat(10_001))).toThrow(ImportError);
  });
});

it("takes no number for another that a double makes of it", () => {
  const text = `[{"desc":"pkh(02${"79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"})","timestamp":1.99999999999999999999}]`;
  expect(() => importDescriptors(text)).toThrow("the number has more digits than can be kept");
});

it.each([
  ["next_index", 2 ** 31 + 1, "this is beyond the last index of a key"],
  ["next", Number.MAX_SAFE_INTEGER, "this is beyond the last index of a key"],
  ["range", [0, 2 ** 31 + 1], "this is beyond the last index of a key"],
  ["range", [5], "a range is its first index and its last"],
  ["range", [5, 4], "a range is its first index and its last"],
])("refuses what no wallet has for %s: %j", (key, value, problem) => {
  const desc = "pkh(0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798)";
  expect(() => importDescriptors(JSON.stringify([{ desc, timestamp: 0, [key]: value }]))).toThrow(problem);
});

it("unites what is said twice of one descriptor, spelled with h and with '", () => {
  const key = keyAt(SEEDS[0] as Uint8Array, "m/84'/0'/0'");
  const spell = (h: string) => `wpkh([${key.fingerprint}/84${h}/0${h}/0${h}]${key.xpub}/0/*)`;
  const text = JSON.stringify([
    { desc: spell("'"), timestamp: 1_700_000_000, next_index: 3 },
    { desc: spell("h"), timestamp: 1_600_000_000, next_index: 50, active: true },
  ]);
  const { dump } = importDescriptors(text, { source: SEEDS[0] as Uint8Array });

  expect(dump.descriptors).toEqual([
    { descriptor: withChecksum(spell("h")), timestamp: 1_600_000_000, next: 50, active: true },
  ]);
  expect(dump.accounts).toMatchObject([{ external: { next: 50 }, birthday: 1_600_000_000 }]);
});
