import { describe, expect, it } from "vitest";
import type { Account } from "../../../src/dump/accounts.ts";
import { encodeDump } from "../../../src/dump/codec.ts";
import type { Dump } from "../../../src/dump/dump.ts";
import { importCaravan } from "../../../src/interchange/caravan.ts";
import { importColdcard } from "../../../src/interchange/coldcard.ts";
import { exportDescriptors } from "../../../src/interchange/export-descriptors.ts";
import { exportCaravan, exportColdcard } from "../../../src/interchange/export-multisig.ts";
import { importDescriptors } from "../../../src/interchange/import-descriptors.ts";
import { importWallet } from "../../../src/interchange/import-wallet.ts";
import { caravanOf, keyAt, missingText, publicFiles, SEEDS } from "../../wallet-files.ts";

/** Each beside its twin of Coldcard. */
const caravanFiles = [
  "wallets/caravan/json/bitcoin-2-of-2-P2SH_MAINNET.json",
  "wallets/caravan/json/bitcoin-2-of-2-P2SH_TESTNET.json",
  "wallets/caravan/json/bitcoin-2-of-2-P2SH-P2WSH_MAINNET.json",
  "wallets/caravan/json/bitcoin-2-of-2-P2SH-P2WSH_TESTNET.json",
  "wallets/caravan/json/bitcoin-2-of-2-P2WSH_MAINNET.json",
  "wallets/caravan/json/bitcoin-2-of-2-P2WSH_TESTNET.json",
  "wallets/sparrow/caravan-multisig-export-1.json",
];
const coldcardFiles = [
  "wallets/caravan/coldcard/wc-p2sh_m.txt",
  "wallets/caravan/coldcard/wc-p2sh_t.txt",
  "wallets/caravan/coldcard/wc-p2sh-p2wsh_m.txt",
  "wallets/caravan/coldcard/wc-p2sh-p2wsh_t.txt",
  "wallets/caravan/coldcard/wc-p2wsh_m.txt",
  "wallets/caravan/coldcard/wc-p2wsh_t.txt",
  "wallets/sparrow/cc-multisig-export-1.txt",
];

const path = "m/48'/0'/0'/2'";
const keys = SEEDS.slice(0, 3).map((seed) => keyAt(seed, path));
const byHand = {
  caravan: { path: "written by hand", text: JSON.stringify(caravanOf(keys, { startingAddressIndex: 5 })) },
  coldcard: {
    path: "written by hand",
    text: `# Coldcard Multisig setup file\nName: Savings\nPolicy: 2 of 3\nDerivation: ${path}\nFormat: P2WSH\n\n${keys.map(({ fingerprint, xpub }) => `${fingerprint.toUpperCase()}: ${xpub}`).join("\n")}\n`,
  },
};

const wholeOf = (dump: Partial<Dump>): Dump => ({ accounts: [], pairings: [], ...dump });
const accountIn = (dump: Partial<Dump>) => dump.accounts?.[0] as Account;

/** What a Caravan file means, its spaces and order of keys apart. */
function caravanMeaning(text: string): object {
  const { client: _, ...wallet } = JSON.parse(text);
  return wallet;
}

/** What a Coldcard file means: its lines, without case and order of keys. */
function coldcardMeaning(text: string): object {
  const lines = text.split("\n").map((line) => line.trim().replace("P2WSH-P2SH", "P2SH-P2WSH"));
  const meaning = lines.filter((line) => line !== "" && !line.startsWith("#"));
  return meaning.map((line) => line.replace(/^[0-9A-F]{8}:/, (xfp) => xfp.toLowerCase())).sort();
}

describe(`wallets of Caravan, ${missingText(caravanFiles)}`, () => {
  it.each([byHand.caravan, ...publicFiles(caravanFiles)])("$path go in, and out as they were", ({ text }) => {
    const { dump, report } = importCaravan(text);
    expect(report).toEqual([]);
    expect(dump.accounts).toHaveLength(1);
    const account = accountIn(dump);
    const { name, network } = JSON.parse(text);
    expect([account.name, account.network, account.kind]).toEqual([name, network, "cloudbackup.multisig"]);
    expect(encodeDump(wholeOf(dump)).size).toBe(2);
    const exported = exportCaravan(wholeOf(dump), account.id);
    expect(exported.report).toEqual([]);
    expect(caravanMeaning(exported.text)).toEqual(caravanMeaning(text));
    expect(importWallet(text)).toEqual({ format: "caravan", dump, report });
  });

  it.each(publicFiles(caravanFiles).slice(0, 6))("$path are paired with whose key they name", ({ text }) => {
    const { extendedPublicKeys, name, network } = JSON.parse(text);
    for (const key of extendedPublicKeys) {
      const fingerprint = Uint8Array.from(Buffer.from(key.xfp, "hex"));
      const { dump, report } = importCaravan(text, { fingerprint });
      expect(report).toEqual([]);
      const other = extendedPublicKeys.find((each: { xfp: string }) => each !== key);
      expect([accountIn(dump).kind, accountIn(dump).id]).toEqual(["paired", `${network}/${key.bip32Path}`]);
      expect(dump.pairings?.[0]?.name).toBe(other.name);
      const exported = exportCaravan(wholeOf(dump), accountIn(dump).id);
      expect(exported.report).toEqual([]);
      expect(caravanMeaning(exported.text)).toEqual(caravanMeaning(text));
      expect(JSON.parse(exported.text).name).toBe(name);
    }
  });
});

describe(`wallets of Coldcard, ${missingText(coldcardFiles)}`, () => {
  it.each([byHand.coldcard, ...publicFiles(coldcardFiles)])("$path go in, and out as they were", ({ text }) => {
    const isTestnet = text.includes("tpub");
    const { dump, report } = importColdcard(text);
    expect(report.map(({ what }) => what)).toEqual(isTestnet ? ["assumed"] : []);
    const account = accountIn(dump);
    expect(account.network).toBe(isTestnet ? "testnet" : "mainnet");
    const exported = exportColdcard(wholeOf(dump), account.id);
    expect(exported.report).toEqual([]);
    expect(coldcardMeaning(exported.text)).toEqual(coldcardMeaning(text));
    expect(importWallet(text)).toEqual({ format: "coldcard", dump, report });
  });
});

const twins: { path: string; caravan: { text: string }; coldcard: { text: string } }[] = [
  { ...byHand, path: "written by hand" },
  ...twinsOf(),
];

function twinsOf(): typeof twins {
  const [caravan, coldcard] = [publicFiles(caravanFiles), publicFiles(coldcardFiles)];
  if (caravan.length < caravanFiles.length || coldcard.length < coldcardFiles.length) return [];
  return caravan
    .slice(0, 6)
    .map((file, i) => ({ path: file.path, caravan: file, coldcard: coldcard[i] as typeof file }));
}

it.each(twins)("$path and its twin are one account", ({ caravan, coldcard }) => {
  const [a, b] = [importCaravan(caravan.text).dump, importColdcard(coldcard.text).dump];
  expect(accountIn(a).descriptor).toBe(accountIn(b).descriptor);
  expect(accountIn(a).id).toBe(accountIn(b).id);
  // Through a descriptor too, and from the one form to the other.
  const { text } = exportDescriptors(wholeOf(a));
  const network = accountIn(a).network as "mainnet";
  const c = importDescriptors(text, { network, name: accountIn(a).name }).dump;
  expect(accountIn(c).descriptor).toBe(accountIn(a).descriptor);
  expect(accountIn(c).id).toBe(accountIn(a).id);
  const crossed = exportColdcard(wholeOf(a), accountIn(a).id);
  expect(coldcardMeaning(crossed.text.replace(/^Name: .*/m, ""))).toEqual(
    coldcardMeaning(coldcard.text.replace(/^Name: .*/m, "")),
  );
});
