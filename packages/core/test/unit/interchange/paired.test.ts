import { describe, expect, it } from "vitest";
import { HDKey } from "#curves";
import { bytesToHex, compareBytes, concatBytes, hexToBytes, u32 } from "../../../src/bytes.ts";
import type { Account } from "../../../src/dump/accounts.ts";
import { decodeDump, encodeDump } from "../../../src/dump/codec.ts";
import type { Dump } from "../../../src/dump/dump.ts";
import type { Pairing } from "../../../src/dump/pairings.ts";
import { importCaravan } from "../../../src/interchange/caravan.ts";
import { importColdcard } from "../../../src/interchange/coldcard.ts";
import { parseDescriptor } from "../../../src/interchange/descriptor.ts";
import { ImportError } from "../../../src/interchange/errors.ts";
import { formatExtendedKey } from "../../../src/interchange/extended-key.ts";
import { importDescriptors } from "../../../src/interchange/import-descriptors.ts";
import { masterFingerprint } from "../../../src/interchange/own-key.ts";
import { defaultPrimitives } from "../../../src/primitives/default.ts";
import { errorOf } from "../../fixtures.ts";
import { caravanOf, expressionOf, keyAt, SEEDS, type TestKey } from "../../wallet-files.ts";
import { multisigAddress } from "./addresses.ts";

const [SEED = new Uint8Array(), OTHER_SEED = new Uint8Array()] = SEEDS;
const TESTNET = { private: 0x04358394, public: 0x043587cf };

const kinds = [
  { addressType: "P2SH", script: "p2sh", isMainnet: true, path: "m/45'/0'/7'" },
  { addressType: "P2SH-P2WSH", script: "p2sh-p2wsh", isMainnet: true, path: "m/48'/0'/7'/1'" },
  { addressType: "P2WSH", script: "p2wsh", isMainnet: true, path: "m/48'/0'/7'/2'" },
  { addressType: "P2WSH", script: "p2wsh", isMainnet: false, path: "m/48'/1'/7'/2'" },
];

/** docs/sections.md: 2-of-2 over the wallet's key at path/c/i and the authenticator's at c/i, in ascending order. */
function addressesByRule(seed: Uint8Array, account: Account, pairing: Pairing, chain: number): string[] {
  const isMainnet = account.network === "mainnet";
  const own = HDKey.fromMasterSeed(seed).derive(account.path as string);
  const { publicKey, chainCode } = pairing;
  const authenticator = HDKey.fromExtendedKey(
    formatExtendedKey({ isMainnet: true, depth: 0, index: 0, publicKey, chainCode }),
  );
  return [0, 1, 2, 3, 4].map((i) =>
    multisigAddress([own, authenticator], 2, account.script as string, isMainnet, chain, i),
  );
}

/** What the account's descriptor says, by itself. */
function addressesByDescriptor(account: Account, chain: number): string[] {
  const { keys } = parseDescriptor(account.descriptor as string);
  const isMainnet = account.network === "mainnet";
  const nodes = keys.map(({ key }) => HDKey.fromExtendedKey(key, isMainnet ? undefined : TESTNET));
  expect(keys.map(({ derivation }) => derivation)).toEqual(["/<0;1>/*", "/<0;1>/*"]);
  return [0, 1, 2, 3, 4].map((i) => multisigAddress(nodes, 2, account.script as string, isMainnet, chain, i));
}

describe.each(kinds)(
  "a 2-of-2 with the wallet's key, $addressType, mainnet: $isMainnet",
  ({ addressType, script, isMainnet, path }) => {
    const network = isMainnet ? "mainnet" : "testnet";
    const [own, other] = [keyAt(SEED, path, isMainnet), keyAt(OTHER_SEED, path, isMainnet)] as [TestKey, TestKey];
    const caravan = JSON.stringify(caravanOf([other, own], { addressType, network }));
    const coldcard = `# A comment\nName: Savings\nPolicy: 2 of 2\nFormat: ${addressType}\nDerivation: ${path}\n\n${own.fingerprint}: ${own.xpub}\n${other.fingerprint.toUpperCase()}: ${other.xpub}\n`;
    const inner = `sortedmulti(2,${expressionOf(own)},${expressionOf(other)})`;
    const around = { p2sh: `sh(${inner})`, "p2sh-p2wsh": `sh(wsh(${inner}))`, p2wsh: `wsh(${inner})` };
    const sources = [
      { from: "Caravan", imported: importCaravan(caravan, { source: SEED }) },
      { from: "Coldcard", imported: importColdcard(coldcard, { fingerprint: masterFingerprint(SEED), network }) },
      {
        from: "descriptors",
        imported: importDescriptors(around[script as "p2sh"], { source: SEED, network, name: "Savings" }),
      },
    ];

    it.each(sources)("of $from", ({ imported: { dump }, from }) => {
      const [account, pairing] = [dump.accounts?.[0] as Account, dump.pairings?.[0] as Pairing];
      expect(dump.accounts).toHaveLength(1);
      expect(dump.pairings).toHaveLength(1);
      const id = bytesToHex(
        defaultPrimitives.sha256(concatBytes(other.node.publicKey as Uint8Array, other.node.chainCode as Uint8Array)),
      );
      const { cosigners, ...rest } = account;
      expect(rest).toEqual({
        id: `${network}/${path}`,
        kind: "paired",
        network,
        name: "Savings",
        path,
        script,
        origin: { fingerprint: hexToBytes(own.fingerprint), path },
        descriptor: sources[0]?.imported.dump.accounts?.[0]?.descriptor,
        pairing: id,
      });
      expect(pairing).toEqual({
        id,
        network,
        account: account.id,
        name: from === "Caravan" ? "key 0" : `Key ${other.fingerprint}`,
        publicKey: other.node.publicKey,
        chainCode: other.node.chainCode,
        origin: { fingerprint: hexToBytes(other.fingerprint), path },
      });
      expect(cosigners).toEqual(
        from === "Caravan"
          ? [
              { xpub: other.xpub, name: "key 0" },
              { xpub: own.xpub, name: "key 1" },
            ]
          : undefined,
      );
      for (const chain of [0, 1]) {
        const addresses = addressesByRule(SEED, account, pairing, chain);
        expect(addresses).toEqual(addressesByDescriptor(account, chain));
        expect(new Set(addresses).size).toBe(5);
      }
      const whole: Dump = { accounts: [], pairings: [], ...dump };
      expect(decodeDump(encodeDump(whole))).toEqual(
        Object.fromEntries(Object.entries(whole).filter(([, records]) => (records as []).length > 0)),
      );
    });
  },
);

it("has the addresses that other programs give it", () => {
  // BIP-67, its first vector: the script's keys stand in ascending order.
  const keys = [
    "02ff12471208c14bd580709cb2358d98975247d8765f92bc25eab3b2763ed605f8",
    "02fe6f0a5a297eb38c391581c4413e084773ea23954d93f7753db7dc0adc188b2f",
  ].map(hexToBytes);
  const sorted = [...keys].sort(compareBytes).map(bytesToHex);
  expect(sorted).toEqual([bytesToHex(keys[1] as Uint8Array), bytesToHex(keys[0] as Uint8Array)]);
  // Under any other order of the two it would be another address.
  const nodes = keys.map((publicKey) => ({
    deriveChild: () => ({ deriveChild: () => ({ publicKey }) }),
  })) as unknown as HDKey[];
  expect(multisigAddress(nodes, 2, "p2sh", true, 0, 0)).toBe("39bgKC7RFbpoCRbtD5KEdkYKtNyhpsNa3Z");
});

describe("is not paired", () => {
  const path = "m/48'/0'/0'/2'";
  const own = keyAt(SEED, path);
  const other = keyAt(OTHER_SEED, path);
  const wsh = (text: string, derivation?: string) =>
    `wsh(${text}(2,${expressionOf(own, derivation)},${expressionOf(other, derivation)}))`;
  const fingerprint = hexToBytes(own.fingerprint);

  it.each([
    { id: "in an order of its own", text: wsh("multi"), path },
    { id: "on other chains", text: wsh("sortedmulti", "/<2;3>/*"), path },
    { id: "on one chain", text: wsh("sortedmulti", "/0/*"), path },
    {
      id: "of three",
      text: `wsh(sortedmulti(2,${[own, other, keyAt(SEEDS[2] as Uint8Array, path)].map((key) => expressionOf(key)).join()}))`,
      path,
    },
    { id: "one of two", text: `wsh(sortedmulti(1,${expressionOf(own)},${expressionOf(other)}))`, path },
    {
      id: "twice the wallet's",
      text: `wsh(sortedmulti(2,${expressionOf(own)},${expressionOf(keyAt(SEED, "m/48'/0'/1'/2'"))}))`,
      path: undefined,
    },
    { id: "at a place that cannot be", text: wsh("sortedmulti").replaceAll("/2h]", "/3h]"), path: undefined },
    { id: "at another depth", text: wsh("sortedmulti").replaceAll("/2h]", "]"), path: undefined },
    {
      id: "of a seed that is not this one",
      text: wsh("sortedmulti").replaceAll(own.fingerprint, "00000001"),
      path: undefined,
    },
  ])("$id", ({ text, path: expected }) => {
    const { dump, report } = importDescriptors(text, { fingerprint, name: "A" });
    expect(report.map(({ what }) => what)).toEqual(expected === undefined ? ["assumed"] : []);
    expect(dump.pairings).toEqual([]);
    expect(dump.accounts).toHaveLength(1);
    expect(dump.accounts?.[0]?.kind).toBe("cloudbackup.multisig");
    expect(dump.accounts?.[0]?.path).toBe(expected);
    expect(dump.accounts?.[0]?.id).toBe(`mainnet/${dump.accounts?.[0]?.descriptor?.slice(-8)}`);
    expect(encodeDump({ accounts: [], pairings: [], ...dump }).size).toBe(3);
  });

  it("and refused where it says that it has this seed's key, and has another", () => {
    const forged = wsh("sortedmulti").replace(own.xpub, keyAt(SEEDS[2] as Uint8Array, path).xpub);
    const error = errorOf(() => importDescriptors(forged, { source: SEED }));
    expect(error).toBeInstanceOf(ImportError);
    expect((error as Error).message).not.toContain("xpub6");
    expect(importDescriptors(forged, { fingerprint }).dump.accounts?.[0]?.kind).toBe("paired");
  });
});

it("knows a seed by its fingerprint", () => {
  const xprv =
    "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi";
  expect(masterFingerprint(SEED)).toEqual(u32(0x3442193e));
  expect(masterFingerprint({ xprv })).toEqual(u32(0x3442193e));
  expect(() => masterFingerprint({ exported: new Uint8Array(65) })).toThrow(TypeError);
  expect(() => masterFingerprint(new Uint8Array(15))).toThrow(RangeError);
  expect(() => masterFingerprint(undefined as never)).toThrow(TypeError);
});
