import type { Label } from "@cloudbackup/core";
import { authenticator } from "../authenticator.ts";
import { demoLabels } from "../labels.ts";
import { AuthenticatorWallet } from "../wallet.ts";
import { assertSame } from "./mismatch.ts";

/** The mnemonic of countless test vectors. Whoever pays to it pays to everybody. */
export const MNEMONIC = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

/** First addresses of that mnemonic, without a passphrase: BIP-84 states the second, wallets that follow BIP-44 show the first. */
const PUBLISHED = [
  { account: "mainnet/m/44'/0'/0'", address: "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA", by: "BIP-44" },
  { account: "mainnet/m/84'/0'/0'", address: "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", by: "BIP-84" },
];

const ORDERS = 300;

/** A wallet with some life in it: three accounts, a fourth that a second device co-signs, and a label for every order. */
export function createDemoWallet(seed: Uint8Array, now: number): AuthenticatorWallet {
  const wallet = new AuthenticatorWallet(seed);
  const spending = wallet.addStandardAccount("Spending", "p2pkh");
  const everyday = wallet.addStandardAccount("Everyday", "p2wpkh");
  const shop = wallet.addStandardAccount("Shop", "p2wpkh");
  for (let i = 0; i < 7; i++) wallet.nextAddress(spending.id);
  for (let i = 0; i < 3; i++) wallet.nextAddress(spending.id, "internal");
  wallet.nextAddress(everyday.id);
  wallet.markUsed(everyday.id, "external", 4);

  const orders: Label[] = [];
  for (let i = 1; i <= ORDERS; i++) {
    orders.push({ type: "addr", ref: wallet.nextAddress(shop.id), label: `Order ${1000 + i}` });
  }
  wallet.setLabels([...demoLabels, ...orders]);

  const secret = crypto.getRandomValues(new Uint8Array(32));
  const savings = wallet.addPairedAccount("Savings", authenticator, { secret, at: Math.floor(now / 1000) });
  for (let i = 0; i < 4; i++) wallet.nextAddress(savings.id);
  return wallet;
}

/** Compares with what is published for this mnemonic. @returns what was compared, a line each */
export function checkPublishedAddresses(wallet: AuthenticatorWallet): string[] {
  return PUBLISHED.map(({ account, address, by }) => {
    assertSame(wallet.address(account, "external", 0), address, `The first address of ${account}`);
    return `${address}  as published for ${by}`;
  });
}

/** One line for each account: its name, where it stands, how many addresses, the first of them. */
export function describeAccounts(wallet: AuthenticatorWallet): string[] {
  return wallet.accounts.map((account) => {
    const count = (account.external?.next ?? 0) + (account.internal?.next ?? 0);
    const first = wallet.address(account.id, "external", 0);
    const kind = account.kind === "paired" ? "two devices" : (account.script ?? "");
    return [
      account.name.padEnd(9),
      (account.path ?? "").padEnd(11),
      kind.padEnd(11),
      String(count).padStart(3),
      first,
    ].join("  ");
  });
}
