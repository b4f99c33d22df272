import {
  type BackupState,
  type CreateBackupOptions,
  changedSections,
  createBackup,
  type Dump,
  type PreparedDump,
} from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import { assertType } from "./checks.ts";
import type { DumpSource } from "./dump-encoder.ts";
import { NoWalletError, RefusedError, RestoreFirstError, RevisionConflictError } from "./errors.ts";
import { loadLater } from "./load-later.ts";
import type { KnownState } from "./local-state.ts";
import type { OnProgress } from "./progress.ts";
import { assertDoesNotShrink } from "./shrink.ts";
import { assertNotBehind, loadMark, type Mark, markOf, raiseMark } from "./trust.ts";
import { isRefusal, uploadBackup, uploadPending } from "./upload.ts";
import { explainAbsence, type WalletParts } from "./wallet-parts.ts";
import type { CommitReceipt, WalletInfo } from "./wallet-requests.ts";

/** How a dump is backed up. */
export interface BackupOptions {
  /** Aborts; `signal.reason` is thrown. What was begun is brought to an end by the next backup. */
  signal?: AbortSignal | undefined;
  /** Told of the upload. */
  onProgress?: OnProgress | undefined;
  /** Replaces what the server holds although this device has not restored it. Nothing is carried over from it. */
  replace?: boolean | undefined;
  /** Sections to remove; others that the dump lacks are carried over from the backup before. */
  remove?: readonly string[] | undefined;
  /** Allows a dump that loses a pairing or half of the accounts. */
  allowShrink?: boolean | undefined;
}

/** What the server acknowledged. */
export interface BackupReceipt extends CommitReceipt {
  /** False: the server showed that it still has the last backup, which holds the same; nothing was sent. */
  changed: boolean;
  /** Bytes of the requests' bodies that carried the backup. */
  bytesSent: number;
}

/** What a backup holds, and what it follows on. */
export type BackupContent = Pick<
  CreateBackupOptions,
  "dump" | "previous" | "replaces" | "remove" | "heals" | "mirrors" | "whole" | "revision" | "gen"
>;

/** Where a backup stands among those of other servers. */
type Lineage = {
  /** The least generation, where others have seen a higher one than this server. */
  gen?: number | undefined;
  /** By default what the backup before it says. */
  mirrors?: BackupContent["mirrors"];
};

const DEVICE_KEY = "cloudbackup/device";
const DEVICE_BYTES = 16;

/** Backs a dump up where that loses nothing. @throws what `WalletBackup.backup` does */
export async function writeBackup(
  parts: WalletParts,
  dump: Dump,
  options: BackupOptions & Lineage,
  source?: DumpSource,
): Promise<BackupReceipt> {
  const { replace = false, remove = [], allowShrink = false } = options;
  assertType(replace, "boolean", "replace");
  assertType(allowShrink, "boolean", "allowShrink");
  if (!Array.isArray(remove)) throw new TypeError("remove must be a list of names");
  const prepared = parts.dumps.encode(dump, source);
  try {
    return await writeOnce(parts, prepared, options);
  } catch (error) {
    // A commit of this device that got no answer has arrived after all: this one follows on it.
    const isOwn = error instanceof RevisionConflictError && (await parts.local.pending(error.currentSha256));
    if (!isOwn) throw error;
    return writeOnce(parts, prepared, options);
  }
}

/** Whether the last acknowledged backup holds the same as the dump, by what this device keeps alone. */
export async function isAcknowledged({ local, dumps }: WalletParts, dump: Dump, source?: DumpSource): Promise<boolean> {
  const base = await local.base();
  if (!base || (await local.hasPending())) return false;
  return changedSections(dumps.encode(dump, source), base.state).length === 0;
}

async function writeOnce(
  parts: WalletParts,
  dump: PreparedDump,
  options: BackupOptions & Lineage,
): Promise<BackupReceipt> {
  const { keys, entries, requests } = parts;
  const { signal, replace = false, remove = [], allowShrink = false, mirrors } = options;
  const genAfter = (gen: number) => Math.max(gen + 1, options.gen ?? 0);
  let remote = await requests.info(signal);
  let base = await settledBase(parts, remote);
  const mark = await loadMark(entries, keys);
  if (!replace) await assertSeen(remote, mark, parts, signal);
  const isBehind = remote !== null && mark !== null && remote.revision < mark.revision;
  if (!remote) {
    await register(parts, signal);
    // The number of a wallet's last revision outlives it.
    remote = await requests.info(signal);
  }

  // A server that went back takes the replacement alone.
  const resent = isBehind ? null : await resendPending(parts, remote, options);
  if (resent) base = await parts.local.base();
  if (base && !isBehind && (resent ?? remote)?.sha256 === bytesToHex(base.state.sha256)) {
    const sha256 = bytesToHex(base.state.sha256);
    const changed = changedSections(dump, base.state, { remove });
    if (changed.length === 0) {
      parts.local.own.add(sha256);
      return resent ?? unchanged(remote as WalletInfo, sha256);
    }
    if (!replace && !parts.local.own.has(sha256)) throw new RevisionConflictError(base.state.manifest.revision, sha256);
    if (!allowShrink && (changed.includes("accounts") || changed.includes("pairings"))) {
      await assertDoesNotShrink(dump, base, parts);
    }
    return sendBackup(
      parts,
      { dump, previous: base.bytes, remove, mirrors, gen: genAfter(base.state.manifest.gen) },
      options,
    );
  }

  if (!replace && remote && remote.sha256 !== null) {
    throw base ? new RevisionConflictError(remote.revision, remote.sha256) : new RestoreFirstError(remote.revision);
  }
  const { readStanding } = await loadLater();
  const replaces = await readStanding(remote, mark, parts, signal);
  return sendBackup(parts, { dump, replaces, remove, mirrors, gen: genAfter(replaces.gen) }, options);
}

/**
 * Sends what a backup before this one has begun and not brought to an end, byte for byte: where its commit has arrived, the
 * receipt is that commit's. What it was allowed to do was allowed then.
 *
 * @returns null: there is nothing, or the server does not take it
 */
async function resendPending(
  parts: WalletParts,
  remote: WalletInfo | null,
  options: BackupOptions,
): Promise<BackupReceipt | null> {
  const pending = remote && (await parts.local.pendingAfter(remote));
  if (!pending) return null;
  try {
    const receipt = await uploadPending(pending, parts, options);
    await becomeBase(parts, pending);
    return { ...receipt, changed: true };
  } catch (error) {
    // What is made anew may be taken, but by nobody where another device has written.
    if (isRefusal(error) && !(error instanceof RevisionConflictError)) return null;
    throw error;
  }
}

/** What the server shows must be what this device has seen, or come after it. */
async function assertSeen(
  remote: WalletInfo | null,
  mark: Mark | null,
  parts: WalletParts,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (remote) assertNotBehind(mark, remote);
  else if (mark) throw await explainAbsence(new NoWalletError(), parts, signal);
}

/** Seals a content, sends it, and makes it this device's. Whether it may be written is for its caller to know. */
export async function sendBackup(
  parts: WalletParts,
  content: BackupContent,
  { signal, onProgress }: Pick<BackupOptions, "signal" | "onProgress">,
): Promise<BackupReceipt> {
  const { keys } = parts;
  const { clock, random, app } = parts.options;
  const device = await deviceOf(parts);
  const backup = createBackup({ keys, device, now: clock.now(), random, app, ...content });
  const receipt = await uploadBackup(backup, parts, { signal, onProgress });
  await becomeBase(parts, { bytes: backup.state, state: backup });
  return { ...receipt, changed: true };
}

/** What this device holds, after a look at whether a commit without a receipt has arrived. */
async function settledBase(parts: WalletParts, remote: WalletInfo | null): Promise<KnownState | null> {
  const arrived = await parts.local.pending(remote?.sha256);
  if (!arrived) return parts.local.base();
  await becomeBase(parts, arrived);
  return arrived;
}

/** The server has it. */
export async function becomeBase(
  parts: WalletParts,
  { bytes, state }: { bytes: Uint8Array; state: Pick<BackupState, "manifest" | "sha256"> },
): Promise<void> {
  const { manifest, sha256 } = state;
  // The mark first: a device that stops in between still has the state as pending.
  await raiseMark(parts, markOf(manifest, sha256, [bytesToHex(sha256)]));
  await parts.local.setBase(bytes);
}

/** @throws NotYoursError */
export async function register(parts: WalletParts, signal?: AbortSignal): Promise<void> {
  try {
    await parts.requests.register(signal);
  } catch (error) {
    const isAnothers = error instanceof RefusedError && error.problem === "wallet-registered";
    throw isAnothers ? await explainAbsence(new NoWalletError(), parts, signal) : error;
  }
}

/** Random, the same for every wallet of this storage; shown to people, so that they know their devices apart. */
async function deviceOf({ options: { storage, random } }: WalletParts): Promise<Uint8Array> {
  const known = await storage.get(DEVICE_KEY);
  if (known?.length === DEVICE_BYTES) return known;
  const device = random(DEVICE_BYTES);
  await storage.set(DEVICE_KEY, device);
  return device;
}

function unchanged({ revision, updatedAt }: WalletInfo, sha256: string): BackupReceipt {
  return { revision, sha256, storedAt: updatedAt, changed: false, bytesSent: 0 };
}
