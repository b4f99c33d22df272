import { hexToBytes } from "@noble/hashes/utils.js";
import { mnemonicToSeedSync } from "@scure/bip39";
import { describe, expect, test } from "vitest";
import { sortPublicKeys, twoSignaturesAddress } from "../src/addresses.ts";
import { authenticator } from "../src/authenticator.ts";
import { demoLabels } from "../src/labels.ts";
import { AuthenticatorWallet, pairingId } from "../src/wallet.ts";
import { BIP67 } from "./bip67.ts";

const seed = mnemonicToSeedSync("abandon ".repeat(11).concat("about"));

function filledWallet(): AuthenticatorWallet {
  const wallet = new AuthenticatorWallet(seed);
  const spending = wallet.addStandardAccount("Spending", "p2pkh");
  const segwit = wallet.addStandardAccount("Segwit", "p2wpkh");
  const savings = wallet.addPairedAccount("Savings", authenticator, { secret: new Uint8Array(32).fill(7), at: 1 });
  for (let i = 0; i < 3; i++) wallet.nextAddress(spending.id);
  wallet.nextAddress(spending.id, "internal");
  wallet.markUsed(segwit.id, "external", 4);
  for (let i = 0; i < 2; i++) wallet.nextAddress(savings.id);
  wallet.setLabels(demoLabels);
  return wallet;
}

describe("published addresses of the mnemonic abandon … about", () => {
  const wallet = filledWallet();
  test.each([
    ["mainnet/m/44'/0'/0'", "external", 0, "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA"],
    ["mainnet/m/84'/0'/0'", "external", 0, "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"],
    ["mainnet/m/84'/0'/0'", "external", 1, "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"],
    ["mainnet/m/84'/0'/0'", "internal", 0, "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"],
  ] as const)("%s %s %i", (account, chain, index, address) => {
    expect(wallet.address(account, chain, index)).toBe(address);
  });
});

describe("BIP-67", () => {
  test.each(BIP67)("vector $id: $comment", ({ list, sorted, address }) => {
    const keys = list.map((key) => hexToBytes(key));
    expect(sortPublicKeys(keys)).toEqual(sorted.map((key) => hexToBytes(key)));
    expect(twoSignaturesAddress(keys)).toBe(address);
    expect(twoSignaturesAddress([...keys].reverse())).toBe(address);
  });
});

describe("dump and load", () => {
  test("another wallet of the same seed has the same addresses", () => {
    const before = filledWallet();
    const after = new AuthenticatorWallet(seed);
    expect(after.addresses().size).toBe(0);
    after.load(before.dump());
    expect(after.addresses()).toEqual(before.addresses());
    expect(after.dump()).toEqual(before.dump());
  });

  test("the dump names things as the sections of the format do", () => {
    const { accounts, pairings, labels } = filledWallet().dump();
    const id = pairingId(authenticator);
    const { publicKey, chainCode } = authenticator;
    expect(accounts).toEqual([
      {
        id: "mainnet/m/44'/0'/0'",
        kind: "standard",
        network: "mainnet",
        name: "Spending",
        path: "m/44'/0'/0'",
        script: "p2pkh",
        external: { next: 3 },
        internal: { next: 1 },
      },
      expect.objectContaining({
        id: "mainnet/m/84'/0'/0'",
        script: "p2wpkh",
        external: { next: 5, used: [4] },
        internal: { next: 0 },
      }),
      expect.objectContaining({ id: "mainnet/m/44'/0'/1'", kind: "paired", script: "p2sh", pairing: id }),
    ]);
    expect(pairings).toEqual([
      {
        id,
        network: "mainnet",
        account: "mainnet/m/44'/0'/1'",
        name: "My phone",
        publicKey,
        chainCode,
        secret: new Uint8Array(32).fill(7),
        keys: 2,
        pairedAt: 1,
      },
    ]);
    expect(labels).toEqual(demoLabels);
  });

  test("a paired account without its pairing is refused, and nothing is taken over", () => {
    const wallet = filledWallet();
    const before = wallet.addresses();
    const missing = /mainnet\/m\/44'\/0'\/1' \(Savings\) .* its pairing [0-9a-f]{64} is missing/;
    expect(() => wallet.load({ ...wallet.dump(), pairings: [] })).toThrow(missing);
    expect(wallet.addresses()).toEqual(before);
  });

  test("accounts of kinds that it does not know are kept", () => {
    const wallet = filledWallet();
    const theirs = { id: "acme/1", kind: "acme.vault", network: "mainnet", name: "Vault", blocks: 144 };
    wallet.load({ ...wallet.dump(), accounts: [...wallet.dump().accounts, theirs] });
    expect(wallet.dump().accounts.at(-1)).toEqual(theirs);
    expect(() => wallet.address("acme/1", "external", 0)).toThrow("knows no addresses of acme/1");
    expect(wallet.addresses().size).toBe(4);
  });

  test("a dump is a copy", () => {
    const wallet = filledWallet();
    const dump = wallet.dump();
    dump.pairings[0]?.publicKey.fill(0);
    expect(wallet.dump().pairings[0]?.publicKey).toEqual(authenticator.publicKey);
  });
});

describe("changes", () => {
  test("every one is told, until nobody listens", () => {
    const wallet = new AuthenticatorWallet(seed);
    let changes = 0;
    const off = wallet.on("change", () => changes++);
    const { id } = wallet.addStandardAccount("Spending", "p2wpkh");
    wallet.nextAddress(id);
    wallet.setLabels(demoLabels);
    wallet.load(wallet.dump());
    expect(changes).toBe(4);
    off();
    wallet.nextAddress(id);
    expect(changes).toBe(4);
  });

  test("account numbers are those of their purpose, paired ones among BIP-44's", () => {
    const wallet = filledWallet();
    expect(wallet.addStandardAccount("Third", "p2pkh").id).toBe("mainnet/m/44'/0'/2'");
    expect(wallet.addStandardAccount("Second", "p2wpkh").id).toBe("mainnet/m/84'/0'/1'");
  });

  test("used keys with gaps between are listed, without gaps they are not", () => {
    const wallet = new AuthenticatorWallet(seed);
    const { id } = wallet.addStandardAccount("Spending", "p2wpkh");
    wallet.nextAddress(id);
    wallet.markUsed(id, "external", 2);
    expect(wallet.accounts[0]?.external).toEqual({ next: 3, used: [0, 2] });
    wallet.markUsed(id, "external", 1);
    expect(wallet.accounts[0]?.external).toEqual({ next: 3 });
  });

  test("the same device is not paired twice", () => {
    const paired = { secret: new Uint8Array(32), at: 1 };
    expect(() => filledWallet().addPairedAccount("Again", authenticator, paired)).toThrow("My phone is paired already");
  });
});
