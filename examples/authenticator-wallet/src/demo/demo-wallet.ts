import type { Label } from "@cloudbackup/core";
import { authenticator } from "../authenticator.ts";
import { demoLabels } from "../labels.ts";
import { AuthenticatorWallet } from "../wallet.ts";
import { assertSame } from "./mismatch.ts";

/** The mnemonic of countless test vectors. Whoever pays to it pays to everybody. */
export const MNEMONIC = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

/** First addresses of that mnemonic without a passphrase: BIP-84 states the second, every BIP-44 wallet shows the first. */
const PUBLISHED = new Map([
  ["mainnet/m/44'/0'/0'", "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA"],
  ["mainnet/m/84'/0'/0'", "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"],
]);

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

/** Compares with what is published for this mnemonic. @returns the addresses that were compared */
export function checkPublishedAddresses(wallet: AuthenticatorWallet): string[] {
  for (const [account, address] of PUBLISHED) {
    assertSame(wallet.address(account, "external", 0), address, `The first address of ${account}`);
  }
  return [...PUBLISHED.values()];
}

/** One line for each account: its name, where it stands, how many addresses, the first of them. */
export function describeAccounts(wallet: AuthenticatorWallet): string[] {
  return wallet.accounts.map(({ id, name, kind, script, path = "", external, internal }) => {
    const count = (external?.next ?? 0) + (internal?.next ?? 0);
    const holder = kind === "paired" ? "2 devices" : (script ?? "");
    const first = wallet.address(id, "external", 0);
    const note = PUBLISHED.get(id) === first ? "  (published)" : "";
    const columns = [
      name.padEnd(9),
      path.padEnd(11),
      holder.padEnd(9),
      `${String(count).padStart(3)} ${count === 1 ? "address  " : "addresses"}`,
      first,
    ];
    return columns.join("  ") + note;
  });
}
