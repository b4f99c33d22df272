import { expect } from "vitest";
import { bytesToHex } from "../src/bytes.ts";
import { type Bundle, type ChunkItem, decodeBundle, encodeBundle } from "../src/chunks/bundle.ts";
import { type Backup, type CreateBackupOptions, createBackup } from "../src/create-backup.ts";
import type { Account } from "../src/dump/accounts.ts";
import type { Dump } from "../src/dump/dump.ts";
import type { Pairing } from "../src/dump/pairings.ts";
import { CloudBackupError } from "../src/errors.ts";
import { deriveBackupKeys } from "../src/keys/backup-keys.ts";
import { noise, seededRandom } from "./noise.ts";

export { noise, seededRandom };

export const SEED: Uint8Array = Uint8Array.from({ length: 64 }, (_, i) => i);
export const REALM: Uint8Array = new Uint8Array(16).fill(0x52);
export const DEVICE: Uint8Array = new Uint8Array(16).fill(0xde);
export const NOW = 1_700_000_000_000;

export const keys = deriveBackupKeys(SEED, REALM);
export const otherKeys = deriveBackupKeys(new Uint8Array(32).fill(9), REALM);

export const account: Account = {
  id: "mainnet/m/44'/0'/0'",
  kind: "standard",
  network: "mainnet",
  name: "Spending",
  path: "m/44'/0'/0'",
  script: "p2pkh",
  external: { next: 7 },
  internal: { next: 3 },
};

export const pairing: Pairing = {
  id: "pairing-1",
  network: "mainnet",
  account: "mainnet/m/44'/0'/1'",
  name: "My phone",
  publicKey: Uint8Array.of(2, ...new Uint8Array(32).fill(1)),
  chainCode: new Uint8Array(32).fill(3),
};

export const emptyDump: Dump = { accounts: [], pairings: [] };

export const smallDump: Dump = {
  accounts: [account],
  pairings: [pairing],
  labels: [{ type: "tx", ref: "aa", label: "Rent" }],
};

/** `createBackup` with what tests do not care for. */
export function backupOf(dump: Dump, options: Partial<CreateBackupOptions> = {}): Backup {
  return createBackup({ dump, keys, device: DEVICE, now: NOW, random: seededRandom(), ...options });
}

/** What a server makes of uploads: it keeps chunks by id and which of them are in use, and sends the latest whole. */
export class TestServer {
  readonly chunks = new Map<string, ChunkItem>();
  inUse = new Set<string>();

  /** Applies an upload as format.md §6 says. @returns the download */
  commit(bundle: Uint8Array): Uint8Array {
    const { head, items } = decodeBundle(bundle);
    for (const item of items) this.chunks.set(bytesToHex(item.id), item);
    const inUse = new Set(head.base === 0 ? [] : this.inUse);
    for (const id of head.drop) expect(inUse.delete(bytesToHex(id)), "drop names a chunk in use").toBe(true);
    for (const id of head.add) {
      expect(inUse.has(bytesToHex(id)), "add names a chunk that is not in use yet").toBe(false);
      expect(this.chunks.has(bytesToHex(id)), "every chunk of add is there").toBe(true);
      inUse.add(bytesToHex(id));
    }
    this.inUse = inUse;
    const stored = [...inUse].sort().map((id) => this.chunks.get(id) as ChunkItem);
    const whole = { ...head, after: null, base: 0, add: stored.map((chunk) => chunk.id), drop: [] };
    return encodeBundle({ head: whole, items: stored });
  }
}

/** A bundle with some of it changed. */
export function rebundle(bytes: Uint8Array, change: (bundle: Bundle) => Bundle): Uint8Array {
  return encodeBundle(change(decodeBundle(bytes)));
}

/** The code of the `CloudBackupError` that `run` throws, null if it throws none; every other error goes through. */
export function codeOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (!(error instanceof CloudBackupError)) throw error;
    return error.code;
  }
}

/** The error that `run` throws. */
export function errorOf(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not throw");
}

/** All that an error says: its message, its properties, those of its causes. */
export function textOf(error: unknown): string {
  const { cause, ...own } = error as Error & { cause?: unknown };
  const said = `${(error as Error).message} ${JSON.stringify(own)}`;
  return cause === undefined ? said : `${said} ${textOf(cause)}`;
}
