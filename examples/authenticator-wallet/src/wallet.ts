import type { Account, Dump, Label, Pairing } from "@cloudbackup/core";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { HDKey } from "@scure/bip32";
import { type Chain, isSingleKeyScript, pairedAddress, type SingleKeyScript, standardAddress } from "./addresses.ts";
import type { Authenticator } from "./authenticator.ts";

/** BIP-44 and BIP-84; paired accounts are numbered among those of BIP-44. */
const PURPOSE = { p2pkh: 44, p2wpkh: 84, p2sh: 44 } as const;

/**
 * A small HD wallet on mainnet. Its keys follow from the seed; everything else it knows (which accounts there are, how far
 * each chain was used, which device co-signs, what a person wrote) is in its dump and nowhere else.
 */
export class AuthenticatorWallet {
  readonly #root: HDKey;
  #accounts: Account[] = [];
  #pairings: Pairing[] = [];
  #labels: Label[] = [];
  readonly #listeners = new Set<() => void>();

  /** @param seed as BIP-39 gives it, 64 bytes; not kept */
  constructor(seed: Uint8Array) {
    this.#root = HDKey.fromMasterSeed(seed);
  }

  get accounts(): readonly Account[] {
    return this.#accounts;
  }

  /** Calls back after every change; the function returned ends that. */
  on(event: "change", listener: () => void): () => void {
    if (event !== "change") throw new TypeError(`event must be "change", not "${event}"`);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** An account with one key, the wallet's: the next free one of its script. */
  addStandardAccount(name: string, script: SingleKeyScript): Account {
    return this.#addAccount({ kind: "standard", name, script });
  }

  /** An account whose every payment both devices sign. `secret` is the key that they talk under, 32 bytes. */
  addPairedAccount(name: string, device: Authenticator, paired: { secret: Uint8Array; at: number }): Account {
    const id = pairingId(device);
    if (this.#pairings.some((pairing) => pairing.id === id)) throw new Error(`${device.name} is paired already`);
    const { publicKey, chainCode } = device;
    const account = this.#nextAccountId("p2sh");
    this.#pairings.push({
      id,
      network: "mainnet",
      account,
      name: device.name,
      publicKey,
      chainCode,
      secret: paired.secret,
      keys: 0,
      pairedAt: paired.at,
    });
    return this.#addAccount({ kind: "paired", name, script: "p2sh", pairing: id });
  }

  /** Hands out the next address of an account; that key counts as used from now on. */
  nextAddress(accountId: string, chain: Chain = "external"): string {
    const index = this.#account(accountId)[chain]?.next ?? 0;
    const address = this.address(accountId, chain, index);
    this.markUsed(accountId, chain, index);
    return address;
  }

  /** Remembers that a key was used, also one beyond the next: a payment came in that skipped some. */
  markUsed(accountId: string, chain: Chain, index: number): void {
    const account = this.#account(accountId);
    const before = account[chain] ?? { next: 0 };
    const next = Math.max(before.next, index + 1);
    const used = [...new Set([...(before.used ?? range(before.next)), index])].sort((a, b) => a - b);
    this.#replaceAccount({ ...account, [chain]: used.length === next ? { next } : { next, used } });
    this.#changed();
  }

  /** @throws Error where the account is unknown, or of a kind or script that this wallet cannot derive */
  address(accountId: string, chain: Chain, index: number): string {
    const account = this.#account(accountId);
    const { kind, script, path } = account;
    if (path !== undefined && kind === "paired" && script === "p2sh") {
      const pairing = pairingOf(account, this.#pairings);
      const { publicKey, chainCode } = pairing;
      return pairedAddress(this.#root.derive(path), new HDKey({ publicKey, chainCode }), chain, index);
    }
    if (path !== undefined && kind === "standard" && isSingleKeyScript(script)) {
      return standardAddress(this.#root.derive(path), script, chain, index);
    }
    throw new Error(`This wallet knows no addresses of ${accountId}: it is ${kind} with script ${script ?? "unknown"}`);
  }

  /** Every address that was handed out, by account and chain: `mainnet/m/44'/0'/0' external` → its addresses in order. */
  addresses(): Map<string, string[]> {
    const all = new Map<string, string[]>();
    for (const account of this.#accounts) {
      for (const chain of ["external", "internal"] as const) {
        const indices = range(account[chain]?.next ?? 0);
        if (indices.length === 0) continue;
        all.set(
          `${account.id} ${chain}`,
          indices.map((index) => this.address(account.id, chain, index)),
        );
      }
    }
    return all;
  }

  setLabels(labels: readonly Label[]): void {
    this.#labels = structuredClone([...labels]);
    this.#changed();
  }

  /** Everything that the seed does not say. A copy. */
  dump(): Dump {
    const labels = this.#labels.length > 0 ? { labels: this.#labels } : {};
    return structuredClone({ accounts: this.#accounts, pairings: this.#pairings, ...labels });
  }

  /**
   * Takes over a dump in place of what the wallet knew. Accounts of kinds that it cannot derive are kept for others.
   *
   * @throws Error where a paired account's pairing is missing; the wallet is then as it was
   */
  load(dump: Dump): void {
    const { accounts, pairings, labels = [] } = dump;
    for (const account of accounts) if (account.kind === "paired") pairingOf(account, pairings);
    this.#accounts = structuredClone([...accounts]);
    this.#pairings = structuredClone([...pairings]);
    this.#labels = structuredClone([...labels]);
    this.#changed();
  }

  #addAccount(facts: Pick<Account, "kind" | "name" | "pairing"> & { script: keyof typeof PURPOSE }): Account {
    const id = this.#nextAccountId(facts.script);
    const path = id.slice("mainnet/".length);
    const account: Account = { id, network: "mainnet", path, external: { next: 0 }, internal: { next: 0 }, ...facts };
    this.#accounts.push(account);
    this.#changed();
    return structuredClone(account);
  }

  #nextAccountId(script: keyof typeof PURPOSE): string {
    const ids = new Set(this.#accounts.map((account) => account.id));
    for (let n = 0; ; n++) {
      const id = `mainnet/m/${PURPOSE[script]}'/0'/${n}'`;
      if (!ids.has(id)) return id;
    }
  }

  #account(id: string): Account {
    const account = this.#accounts.find((candidate) => candidate.id === id);
    if (!account) throw new Error(`This wallet has no account ${id}`);
    return account;
  }

  #replaceAccount(account: Account): void {
    this.#accounts = this.#accounts.map((before) => (before.id === account.id ? account : before));
    const keys = (account.external?.next ?? 0) + (account.internal?.next ?? 0);
    this.#pairings = this.#pairings.map((pairing) => (pairing.id === account.pairing ? { ...pairing, keys } : pairing));
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Hex SHA-256(publicKey ‖ chainCode): another device, or the same one set up anew, is another pairing. */
export function pairingId(device: Pick<Authenticator, "publicKey" | "chainCode">): string {
  return bytesToHex(sha256(concatBytes(device.publicKey, device.chainCode)));
}

function pairingOf(account: Account, pairings: readonly Pairing[]): Pairing {
  const pairing = pairings.find((candidate) => candidate.id === account.pairing);
  if (pairing) return pairing;
  throw new Error(
    `Account ${account.id} (${account.name}) is co-signed by a second device, but its pairing ${account.pairing} is missing`,
  );
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
