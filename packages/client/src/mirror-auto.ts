import { type AnySectionDefinition, CloudBackupError, type Dump } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { AutoBackupAttempt, AutoBackupWallet } from "./backup-loop.ts";
import { dirtyStoreOf } from "./dirty-mark.ts";
import { QuorumError, RevisionConflictError } from "./errors.ts";
import { applyMerged, type MergeLatestOptions } from "./merge-backup.ts";
import { type Mirror, newestOf, standingAtAll, viewsOf } from "./mirror.ts";
import { addUpProgress, type MirrorReceipt } from "./mirror-backup.ts";
import { heldDump } from "./mirror-content.ts";
import { type MirrorRead, type MirrorReads, readFromAll } from "./mirror-restore.ts";
import { takeOver } from "./read-backup.ts";
import { takingOver } from "./taking-over.ts";
import type { Work } from "./work.ts";
import { type BackupOptions, type BackupReceipt, isAcknowledged } from "./write-backup.ts";

/** What an automatic backup at several servers needs of its wallet. */
export interface MirrorAutoHost {
  mirrors: readonly Mirror<readonly AnySectionDefinition[]>[];
  quorum: number;
  work: Work;
  /** @returns undefined: the wallet stands on something else by now, nothing was sent */
  write(
    dump: Dump,
    options: BackupOptions,
    how: { quorum: number; standing: string },
  ): Promise<readonly MirrorReceipt[] | undefined>;
  /** What each answered to the last backup. */
  receipts(): readonly MirrorReceipt[];
  onTakeover: Set<() => void>;
  onClose(): void;
}

export function mirrorAutoWallet(host: MirrorAutoHost): AutoBackupWallet {
  const { mirrors, work, onTakeover, onClose } = host;
  const [first] = mirrors as [MirrorAutoHost["mirrors"][number]];
  const { clock, random, connectivity } = first.options;
  /** Those whose backup cannot be believed, or read: what another device seems to have written there cannot be merged. */
  const distrusted = new Set<string>();
  const isSplit = ({ url, error }: MirrorReceipt) => error instanceof RevisionConflictError && !distrusted.has(url);
  const stores = async () => (await viewsOf(mirrors)).map(({ parts }) => dirtyStoreOf(parts.local, clock));
  return {
    clock,
    random,
    connectivity,
    servers: mirrors.length,
    standing: () => work.run(() => standingAtAll(mirrors)),
    backup: (dump, attempt) => backup(host, dump, attempt, isSplit),
    merge: (how) =>
      work.run(async () => {
        const { reads, standings } = await mergeFromAll(mirrors, how);
        distrusted.clear();
        for (const { url, state } of standings) if (state === "lying" || state === "unreadable") distrusted.add(url);
        return reads.map(({ read }) => bytesToHex(read.opened.sha256)).join();
      }),
    storedAt: () =>
      work.run(async () => {
        const newest = newestOf(await viewsOf(mirrors));
        return newest && new Date(newest.base.state.manifest.at);
      }),
    dirtySince: () =>
      work.run(async () => earliest(await Promise.all((await stores()).map((store) => store.dirtySince())))),
    setDirty: (since, keepsEarlier) =>
      work.run(async () =>
        earliest(await Promise.all((await stores()).map((store) => store.setDirty(since, keepsEarlier)))),
      ),
    isAcknowledged: (dump) =>
      work.run(async () => {
        // What another device wrote to one of them is to be merged, however many have this one's.
        if (host.receipts().some(isSplit)) return false;
        const views = await viewsOf(mirrors);
        const held = await Promise.all(views.map(({ parts }) => isAcknowledged(parts, dump)));
        return held.filter((isHeld) => isHeld).length >= host.quorum;
      }),
    onTakeover,
    onClose,
  };
}

async function backup(
  { mirrors, quorum, write, receipts: receiptsNow }: MirrorAutoHost,
  dump: Dump,
  { changed: _, standing, servers = 0, ...options }: AutoBackupAttempt,
  isSplit: (answer: MirrorReceipt) => boolean,
): Promise<BackupReceipt | undefined> {
  const wanted = Math.max(quorum, servers);
  // A conflict that came to light only after the quorum was reached must come to light now.
  const awaited = receiptsNow().some(isSplit) ? mirrors.length : wanted;
  const answers = await write(dump, options, { quorum: awaited, standing });
  if (!answers) return undefined;
  const errors = answers.flatMap(({ error }) => error ?? []);
  const conflict = answers.find(isSplit);
  if (conflict) throw conflict.error;
  const receipts = answers.flatMap(({ receipt }) => receipt ?? []);
  const [first] = receipts;
  if (first && receipts.length >= wanted) return sumOf(first, receipts);
  const failure = new QuorumError(answers, wanted);
  // Where waiting does not help, it is the error that a person must mend.
  const passing = errors.filter(({ retryable }) => retryable).length;
  throw receipts.length + passing < wanted ? failure.cause : failure;
}

/** One receipt for all: revision and hash are the first server's. */
function sumOf(first: BackupReceipt, receipts: readonly BackupReceipt[]): BackupReceipt {
  return {
    ...first,
    storedAt: new Date(Math.max(...receipts.map(({ storedAt }) => storedAt.getTime()))),
    changed: receipts.some(({ changed }) => changed),
    bytesSent: receipts.reduce((bytes, { bytesSent }) => bytes + bytesSent, 0),
  };
}

/** Merges what all servers hold together with what this device does, as `mergeLatest` does with one. */
async function mergeFromAll(
  mirrors: MirrorAutoHost["mirrors"],
  how: MergeLatestOptions,
): Promise<MirrorReads<readonly AnySectionDefinition[]>> {
  const [first] = mirrors as [MirrorAutoHost["mirrors"][number]];
  for (;;) {
    const standing = await standingAtAll(mirrors);
    const base = await baseOf(mirrors);
    const onProgress = addUpProgress(how.onProgress);
    const all = await readFromAll(mirrors, { signal: how.signal, onProgress });
    const { winner, dump, conflicts } = all;
    const { manifest, sha256 } = winner.read.opened;
    const current = { revision: manifest.revision, sha256: bytesToHex(sha256) };
    await applyMerged(first.options, how, base, { dump: dump as Dump, current, conflicts });
    // Taken over by another handle meanwhile: what was merged had another base.
    if (standing !== (await standingAtAll(mirrors))) continue;
    await acceptAll(all.reads);
    return all;
  }
}

/** What this device last held; null where that cannot be read any more. */
async function baseOf(mirrors: MirrorAutoHost["mirrors"]): Promise<Dump | null> {
  try {
    return (await heldDump(await viewsOf(mirrors))) ?? null;
  } catch (error) {
    if (error instanceof CloudBackupError) return null;
    throw error;
  }
}

/** Makes what each server gave this device's. @throws RevisionConflictError where it has gone on meanwhile */
export async function acceptAll(reads: readonly MirrorRead<readonly AnySectionDefinition[]>[]): Promise<void> {
  for (const { parts, read } of reads) {
    await takingOver(
      parts,
      (work) => parts.shared.turns.run(work),
      () => takeOver(parts, read),
    );
  }
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
