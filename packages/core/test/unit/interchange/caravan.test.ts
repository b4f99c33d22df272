import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { hexToBytes } from "../../../src/bytes.ts";
import { createBase58check } from "../../../src/curves/base58check.ts";
import { importCaravan } from "../../../src/interchange/caravan.ts";
import { ImportError } from "../../../src/interchange/errors.ts";
import { importWallet } from "../../../src/interchange/import-wallet.ts";
import { errorOf } from "../../fixtures.ts";
import { caravanOf, keyAt, SEEDS, type TestKey } from "../../wallet-files.ts";

const path = "m/48'/0'/0'/2'";
const [a, b, c] = SEEDS.map((seed) => keyAt(seed, path)) as [TestKey, TestKey, TestKey];
const [tpub] = SEEDS.map((seed) => keyAt(seed, path, false)) as [TestKey];
const plain = caravanOf([a, b]) as { extendedPublicKeys: object[] };
const [first, second] = plain.extendedPublicKeys as [object, object];
const withKey = (more: object) => ({ ...plain, extendedPublicKeys: [{ ...first, ...more }, second] });
const xprv = a.node.privateExtendedKey;
const text = JSON.stringify(plain, null, 2);

describe("refused, and said where", () => {
  it.each([
    { id: "no JSON", file: "{", path: undefined },
    { id: "nothing", file: "", path: undefined },
    { id: "a comment", file: `// hello\n${text}`, path: undefined },
    { id: "something behind it", file: `${text}x`, path: undefined },
    { id: "a list", file: "[]", path: undefined },
    { id: "null", file: "null", path: undefined },
    { id: "no keys", file: { ...plain, extendedPublicKeys: undefined }, path: undefined },
    { id: "keys that are no list", file: { ...plain, extendedPublicKeys: {} }, path: "extendedPublicKeys" },
    {
      id: "a key that is text",
      file: { ...plain, extendedPublicKeys: [a.xpub, b.xpub] },
      path: "extendedPublicKeys[0]",
    },
    { id: "21 keys", file: { ...plain, extendedPublicKeys: Array(21).fill(first) }, path: "extendedPublicKeys" },
    {
      id: "16 keys in P2SH",
      file: caravanOf(
        Array.from({ length: 16 }, (_, i) => keyAt(SEEDS[0] as Uint8Array, `m/45'/${i}`)),
        { addressType: "P2SH" },
      ),
      path: "extendedPublicKeys",
    },
    { id: "another type of addresses", file: { ...plain, addressType: "P2TR" }, path: "addressType" },
    { id: "a type that objects inherit", file: { ...plain, addressType: "constructor" }, path: "addressType" },
    { id: "another network", file: { ...plain, network: "mars" }, path: "network" },
    { id: "keys of another network", file: { ...plain, network: "testnet" }, path: "extendedPublicKeys" },
    { id: "keys of two networks", file: withKey({ xpub: tpub.xpub }), path: "extendedPublicKeys" },
    { id: "no quorum", file: { ...plain, quorum: undefined }, path: undefined },
    { id: "a quorum of none", file: { ...plain, quorum: { requiredSigners: 0, totalSigners: 2 } }, path: "quorum" },
    { id: "more than there are", file: { ...plain, quorum: { requiredSigners: 3 } }, path: "quorum" },
    { id: "a half", file: { ...plain, quorum: { requiredSigners: 1.5 } }, path: "quorum.requiredSigners" },
    { id: "text", file: { ...plain, quorum: { requiredSigners: "2" } }, path: "quorum.requiredSigners" },
    {
      id: "more keys than it says",
      file: { ...plain, quorum: { requiredSigners: 1, totalSigners: 1 } },
      path: "quorum.totalSigners",
    },
    { id: "an index below 0", file: { ...plain, startingAddressIndex: -1 }, path: "startingAddressIndex" },
    { id: "the same key twice", file: { ...plain, extendedPublicKeys: [first, first] }, path: "extendedPublicKeys" },
    { id: "a private key", file: withKey({ xpub: xprv }), path: "extendedPublicKeys[0].xpub" },
    { id: "a mistyped key", file: withKey({ xpub: `${a.xpub.slice(0, -1)}1` }), path: "extendedPublicKeys[0].xpub" },
    { id: "a cut key", file: withKey({ xpub: a.xpub.slice(0, -9) }), path: "extendedPublicKeys[0].xpub" },
    { id: "a long key", file: withKey({ xpub: `xpub${"1".repeat(5_000)}` }), path: "extendedPublicKeys[0].xpub" },
    { id: "no key", file: withKey({ xpub: "" }), path: "extendedPublicKeys[0].xpub" },
    { id: "a short fingerprint", file: withKey({ xfp: "f57ec6" }), path: "extendedPublicKeys[0].xfp" },
    { id: "a long fingerprint", file: withKey({ xfp: "f57ec65d00" }), path: "extendedPublicKeys[0].xfp" },
    { id: "a fingerprint that is no hex", file: withKey({ xfp: "f57ec65g" }), path: "extendedPublicKeys[0].xfp" },
    { id: "a number", file: withKey({ xfp: 12345678 }), path: "extendedPublicKeys[0].xfp" },
    { id: "no path", file: withKey({ bip32Path: "m/48'/x" }), path: "extendedPublicKeys[0].bip32Path" },
    {
      id: "an index that is too large",
      file: withKey({ bip32Path: "m/2147483648" }),
      path: "extendedPublicKeys[0].bip32Path",
    },
    { id: "half a character", file: { ...plain, name: "\ud800" }, path: "name" },
    {
      id: "depth",
      file: { ...plain, client: JSON.parse(`${"[".repeat(12)}${"]".repeat(12)}`) },
      path: `client${"[0]".repeat(11)}`,
    },
  ])("$id", ({ file, path: at }) => {
    const given = typeof file === "string" ? file : JSON.stringify(file);
    for (const read of [importCaravan, importWallet]) {
      const error = errorOf(() => read(given)) as ImportError;
      expect(error).toBeInstanceOf(ImportError);
      expect(error.code).toBe("ERR_CB_INVALID_IMPORT");
      expect(`${error.message} ${error.cause ?? ""}`).not.toMatch(/x(pub|prv)[0-9A-Za-z]{5}|f57ec6/);
      if (read === importCaravan) expect(error.path).toBe(at);
    }
  });

  it("a key that stands twice, by its line", () => {
    const twice = text.replace('"name": "Savings",', '"name": "Savings",\n  "network": "testnet",');
    const error = errorOf(() => importCaravan(twice)) as ImportError;
    expect([error.line, error.path, error.message]).toEqual([5, "network", "Line 5 (network): the key stands twice"]);
  });

  it("a nesting that would end the stack", () => {
    expect(() => importCaravan("[".repeat(100_000))).toThrow(ImportError);
    expect(() => importCaravan('{"a":'.repeat(100_000))).toThrow(ImportError);
  });

  it("a text that is too long", () => {
    expect(() => importCaravan(" ".repeat(9_000_000))).toThrow(ImportError);
  });
});

it("takes a key such as __proto__ as one that it does not know", () => {
  const { dump, report } = importCaravan(`{"__proto__": {"network": "testnet"}, ${text.slice(1)}`);
  expect(dump.accounts?.[0]?.network).toBe("mainnet");
  expect(report).toEqual([{ what: "lost", where: "__proto__", why: "This is not known here, and left out." }]);
  expect(({} as { network?: string }).network).toBeUndefined();
});

it("says what it assumes, converts and leaves out", () => {
  // The key of `a`, in the form of SLIP-132 for P2WSH of many.
  const file = {
    ...plain,
    uuid: "0b9a5a1e",
    client: { type: "private", url: "http://localhost:8332", username: "me" },
    ledgerPolicyHmacs: [{ xfp: a.fingerprint, policyHmac: "00" }],
    "odd key\n": 1,
    extendedPublicKeys: [
      { ...first, bip32Path: "Unknown", color: "red" },
      { xpub: b.xpub, bip32Path: path },
    ],
  };
  const { dump, report } = importCaravan(JSON.stringify(file));
  expect(report.map(({ what, where }) => [what, where])).toEqual([
    ["assumed", "extendedPublicKeys[0]"],
    ["lost", "extendedPublicKeys[0].color"],
    ["assumed", "extendedPublicKeys[1]"],
    ["lost", "client"],
    ["lost", "uuid"],
    ["lost", "ledgerPolicyHmacs"],
    ["lost", "…"],
  ]);
  expect(JSON.stringify(report)).not.toMatch(/xpub6|8332/);
  expect(dump.accounts?.[0]?.cosigners).toEqual([
    { xpub: a.xpub, name: "key 0", fingerprint: hexToBytes(a.fingerprint) },
    { xpub: b.xpub },
  ]);
});

it("names an account that has no name, and shortens a name that is too long", () => {
  expect(importCaravan(JSON.stringify({ ...plain, name: " " })).dump.accounts?.[0]?.name).toBe("Imported (2 of 2)");
  expect(importCaravan(JSON.stringify({ ...plain, name: "" }), { name: "Mine" }).dump.accounts?.[0]?.name).toBe("Mine");
  const long = importCaravan(JSON.stringify({ ...plain, name: "🔑".repeat(101) }));
  expect(long.dump.accounts?.[0]?.name).toBe("🔑".repeat(100));
  expect(long.report.map(({ what }) => what)).toEqual(["lost"]);
});

describe("SLIP-132", () => {
  it.each([
    { prefix: "Zpub", version: "02aa7ed3" },
    { prefix: "Ypub", version: "0295b43f" },
    { prefix: "zpub", version: "04b24746" },
    { prefix: "ypub", version: "049d7cb2" },
  ])("$prefix is the same key as xpub", ({ prefix, version }) => {
    const { depth, index, parentFingerprint, publicKey, chainCode } = c.node;
    const as = keyInVersion(version, { depth, index, parentFingerprint, publicKey, chainCode });
    expect(as.slice(0, 4)).toBe(prefix);
    const { dump, report } = importCaravan(JSON.stringify(withKey({ xpub: as, xfp: c.fingerprint })));
    expect(dump.accounts?.[0]?.descriptor).toContain(`[${c.fingerprint}/48h/0h/0h/2h]${c.xpub}/<0;1>/*`);
    expect(report).toEqual([
      {
        what: "converted",
        where: "extendedPublicKeys[0].xpub",
        why: `A key was written as ${prefix} (SLIP-132); the same key is kept as xpub.`,
      },
    ]);
  });
});

it.each([
  { id: "a short fingerprint", options: { fingerprint: new Uint8Array(3) }, Class: RangeError },
  { id: "a fingerprint in hex", options: { fingerprint: "f57ec65d" }, Class: TypeError },
  { id: "both", options: { fingerprint: new Uint8Array(4), source: SEEDS[0] }, Class: TypeError },
  { id: "exported keys", options: { source: { exported: new Uint8Array(65) } }, Class: TypeError },
  { id: "another network", options: { network: "mars" }, Class: RangeError },
  { id: "no name", options: { name: "" }, Class: RangeError },
  { id: "an unknown option", options: { fingerprints: [] }, Class: TypeError },
])("wrong options are a programmer's mistake: $id", ({ options, Class }) => {
  expect(() => importCaravan(text, options as object)).toThrow(Class);
  expect(() => importWallet(text, options as object)).toThrow(Class);
});

it("takes text", () => {
  expect(() => importCaravan(new Uint8Array() as never)).toThrow(TypeError);
  expect(importCaravan(`\ufeff${text}`).dump).toEqual(importCaravan(text).dump);
});

function keyInVersion(
  version: string,
  parts: {
    depth: number;
    index: number;
    parentFingerprint: number;
    publicKey: Uint8Array | null;
    chainCode: Uint8Array | null;
  },
): string {
  const bytes = new Uint8Array(78);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number.parseInt(version, 16));
  view.setUint8(4, parts.depth);
  view.setUint32(5, parts.parentFingerprint);
  view.setUint32(9, parts.index);
  bytes.set(parts.chainCode as Uint8Array, 13);
  bytes.set(parts.publicKey as Uint8Array, 45);
  return createBase58check(sha256).encode(bytes);
}
