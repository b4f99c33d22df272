import type { BackupKeys } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import { DumpEncoder } from "./dump-encoder.ts";
import { NotYoursError, NoWalletError, WalletGoneError } from "./errors.ts";
import { LocalState } from "./local-state.ts";
import type { ResolvedOptions } from "./options.ts";
import type { KnownServer } from "./server-info.ts";
import type { SessionKeeper } from "./session.ts";
import { type Storage, storageUnder } from "./storage.ts";
import type { Transport } from "./transport.ts";
import { loadMark } from "./trust.ts";
import { WalletRequests } from "./wallet-requests.ts";
import { Turns } from "./work.ts";

/** What all who opened one wallet at one client share. */
export class SharedWallet {
  readonly turns = new Turns();
  /** Of those who move the mark, which some do outside of the other turns. */
  readonly marks = new Turns();
  /** Of `LocalState`. */
  readonly own = new Set<string>();
  /** Whether what was kept when this process began was looked up: it is its own. */
  isAdopted = false;
  /** How often a backup was taken over. */
  takeovers = 0;
  /** Called after each. */
  readonly onTakeover = new Set<() => void>();
}

/** What the work on one wallet at one server needs. */
export interface WalletParts {
  readonly keys: BackupKeys;
  readonly options: ResolvedOptions;
  /** This wallet's part of the storage. */
  readonly entries: Storage;
  readonly local: LocalState;
  readonly dumps: DumpEncoder;
  readonly requests: WalletRequests;
  readonly shared: SharedWallet;
}

export function walletPartsOf(from: {
  keys: BackupKeys;
  options: ResolvedOptions;
  transport: Transport;
  server: KnownServer;
  sessions: SessionKeeper;
  shared: SharedWallet;
}): WalletParts {
  const { keys, options, shared } = from;
  const entries = storageUnder(options.storage, `cloudbackup/wallets/${bytesToHex(keys.realm)}/${keys.walletId}/`);
  const local = new LocalState(entries, keys, shared.own);
  const dumps = new DumpEncoder(keys, options.sections);
  return { keys, options, entries, local, dumps, requests: new WalletRequests({ ...from, entries }), shared };
}

const known = new WeakMap<object, WalletParts>();

/** For `partsOf`. */
export function rememberParts(wallet: object, parts: WalletParts): void {
  known.set(wallet, parts);
}

/** Those of an open wallet, which shows them to nobody else. */
export function partsOf(wallet: object): WalletParts {
  const parts = known.get(wallet);
  if (!parts) throw new TypeError("wallet must be one that openWallet() gave, by this installation of the library");
  return parts;
}

/**
 * What the content of a wallet stands on: another one after every backup, and after every takeover, also of the backup that
 * this device holds already.
 */
export function standingOf({ takeovers }: SharedWallet, sha256: string | null): string {
  return `${takeovers} ${sha256}`;
}

/** Tells a wallet that is absent from one that is another user's, and from one that was here before. */
export async function explainAbsence(error: unknown, parts: WalletParts, signal?: AbortSignal): Promise<unknown> {
  if (!(error instanceof NoWalletError)) return error;
  const username = await parts.requests.owner(signal);
  if (username !== null) return new NotYoursError(username);
  const mark = await loadMark(parts.entries, parts.keys);
  return mark ? new WalletGoneError(mark.revision) : error;
}
