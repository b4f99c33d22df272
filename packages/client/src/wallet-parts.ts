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
import type { Turns } from "./work.ts";

/** What the work on one wallet at one server needs. */
export interface WalletParts {
  readonly keys: BackupKeys;
  readonly options: ResolvedOptions;
  /** This wallet's part of the storage. */
  readonly entries: Storage;
  readonly local: LocalState;
  readonly dumps: DumpEncoder;
  readonly requests: WalletRequests;
  /** Shared by all who opened this wallet at one client. */
  readonly turns: Turns;
}

export function walletPartsOf(from: {
  keys: BackupKeys;
  options: ResolvedOptions;
  transport: Transport;
  server: KnownServer;
  sessions: SessionKeeper;
  turns: Turns;
}): WalletParts {
  const { keys, options, turns } = from;
  const entries = storageUnder(options.storage, `cloudbackup/wallets/${bytesToHex(keys.realm)}/${keys.walletId}/`);
  const local = new LocalState(entries, keys);
  const dumps = new DumpEncoder(keys, options.sections);
  return { keys, options, entries, local, dumps, requests: new WalletRequests(from), turns };
}

/** Tells a wallet that is absent from one that is another user's, and from one that was here before. */
export async function explainAbsence(error: unknown, parts: WalletParts, signal?: AbortSignal): Promise<unknown> {
  if (!(error instanceof NoWalletError)) return error;
  const username = await parts.requests.owner(signal);
  if (username !== null) return new NotYoursError(username);
  const mark = await loadMark(parts.entries, parts.keys);
  return mark ? new WalletGoneError(mark.revision) : error;
}
