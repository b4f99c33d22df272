import type { Account, Dump, Label, Pairing } from "@cloudbackup/core";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { HDKey } from "@scure/bip32";

/** Names of the sections of a dump that a change touched. */
type Change = "accounts" | "pairings" | "labels";

/** What this wallet knows beside its seed. Nothing of it is secret to spend with; all of it is nobody else's business. */
export class Wallet {
  #accounts: readonly Account[] = [];
  #pairings: readonly Pairing[] = [];
  #labels: readonly Label[] = [];
  /** Told of every change, by the sections that it touched. */
  onChange: (sections: readonly Change[]) => void = () => undefined;

  get accounts(): readonly Account[] {
    return this.#accounts;
  }

  get pairings(): readonly Pairing[] {
    return this.#pairings;
  }

  get labels(): readonly Label[] {
    return this.#labels;
  }

  addAccount(name: string): void {
    this.#accounts = [...this.#accounts, { ...this.#newAccount(84, name), kind: "standard", script: "p2wpkh" }];
    this.onChange(["accounts"]);
  }

  /**
   * An account that it takes a second device to spend from.
   *
   * @param xpub the second device's, as it shows it
   * @throws Error for what is no xpub
   */
  pair(name: string, xpub: string): void {
    const { publicKey, chainCode } = HDKey.fromExtendedKey(xpub.trim());
    if (!publicKey || !chainCode) throw new Error("This xpub has no public key");
    const id = bytesToHex(sha256(concatBytes(publicKey, chainCode)));
    if (this.#pairings.some((pairing) => pairing.id === id)) throw new Error("This device is paired already");
    const account = { ...this.#newAccount(45, name), kind: "paired", script: "p2sh", pairing: id };
    this.#accounts = [...this.#accounts, account];
    this.#pairings = [
      ...this.#pairings,
      { id, network: account.network, account: account.id, name, publicKey, chainCode },
    ];
    this.onChange(["accounts", "pairings"]);
  }

  renameAccount(id: string, name: string): void {
    this.#changeAccount(id, { name });
  }

  /** Puts an account away, or takes it out again: its coins stay where they are, so it is never deleted. */
  archiveAccount(id: string, archived: boolean): void {
    this.#changeAccount(id, { archived });
  }

  /** Labels an address or a transaction, in place of the label of this wallet that it has. */
  setLabel(ref: string, text: string): void {
    const type = /^[0-9a-f]{64}$/.test(ref) ? "tx" : "addr";
    const isReplaced = (label: Label) => label.type === type && label.ref === ref && label.origin === undefined;
    this.#labels = [...this.#labels.filter((label) => !isReplaced(label)), { type, ref, label: text }];
    this.onChange(["labels"]);
  }

  /** @param label one of `labels`: a restored one may be of anything that BIP-329 knows */
  removeLabel(label: Label): void {
    this.#labels = this.#labels.filter((each) => each !== label);
    this.onChange(["labels"]);
  }

  dump(): Dump {
    return { accounts: [...this.#accounts], pairings: [...this.#pairings], labels: [...this.#labels] };
  }

  /** Takes over what was restored, in place of what was there. */
  load({ accounts, pairings, labels = [] }: Dump): void {
    this.#accounts = accounts;
    this.#pairings = pairings;
    this.#labels = labels;
  }

  #newAccount(purpose: number, name: string) {
    const ids = new Set(this.#accounts.map(({ id }) => id));
    let index = 0;
    while (ids.has(`mainnet/m/${purpose}'/0'/${index}'`)) index++;
    const path = `m/${purpose}'/0'/${index}'`;
    return { id: `mainnet/${path}`, network: "mainnet", path, name, external: { next: 0 }, internal: { next: 0 } };
  }

  #changeAccount(id: string, change: Partial<Account>): void {
    this.#accounts = this.#accounts.map((account) => (account.id === id ? { ...account, ...change } : account));
    this.onChange(["accounts"]);
  }
}
