import type { Dump, MirrorMark } from "@cloudbackup/core";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { NotYoursError, NoWalletError, RestoreFirstError } from "./errors.ts";
import { loadLater } from "./load-later.ts";
import { presentHashes } from "./present-hashes.ts";
import { assertNotBehind, loadMark, MAX_HELD, type Mark } from "./trust.ts";
import { explainAbsence, type WalletParts } from "./wallet-parts.ts";
import { type BackupContent, type BackupOptions, type BackupReceipt, register, sendBackup } from "./write-backup.ts";

/**
 * Backs a dump up at a server that lost what it had, or whose backup this device holds by another server alone: above all
 * that it ever acknowledged, and as what heals what it lost, so that every device which has seen that goes on from there.
 *
 * Whether the dump holds what was lost is for the caller to know. What the server has now is replaced only where this device
 * has built on it, or the backup that this device holds names it.
 *
 * @param named what it had acknowledged by what another server's backup says
 * @throws WentBackError, ForkError, RestoreFirstError: it holds something that this device does not; what a backup throws
 */
export async function refill(
  parts: WalletParts,
  dump: Dump,
  { named, ...lineage }: Pick<BackupContent, "gen" | "mirrors"> & { named: MirrorMark | undefined },
  options: Pick<BackupOptions, "signal" | "onProgress">,
): Promise<BackupReceipt> {
  const { signal } = options;
  const { entries, keys, local, requests } = parts;
  const prepared = parts.dumps.encode(dump);
  const mark = await loadMark(entries, keys);
  const base = await local.base();
  let info = await requests.info(signal);
  if (!info) {
    const absence = await explainAbsence(new NoWalletError(), parts, signal);
    if (absence instanceof NotYoursError) throw absence;
    await register(parts, signal);
    // The number of a wallet's last revision outlives it.
    info = await requests.info(signal);
  }
  const known = named && { revision: named.revision, sha256: bytesToHex(named.sha256) };
  if (info && info.sha256 !== null && info.sha256 !== known?.sha256 && !mark?.held.includes(info.sha256)) {
    for (const seen of [mark, known]) assertNotBehind(seen ?? null, info);
    throw new RestoreFirstError(info.revision);
  }

  const { readStanding } = await loadLater();
  const standing = await readStanding(info, mark, parts, signal);
  const lost = [
    ...(base?.state.manifest.heals.map(bytesToHex) ?? []),
    ...(mark?.held ?? []),
    // What was only looked at is in the dump where the other server's backup says so.
    ...(mark && known && known.revision >= mark.revision ? [mark.sha256] : []),
    ...(known ? [known.sha256] : []),
  ];
  const present = info?.sha256 ? await presentHashes(parts, info.revision, signal) : new Set<string>();
  const heals = [...new Set(lost)].filter((sha256) => !present.has(sha256)).slice(-MAX_HELD);
  const revisions = [standing.revision, known?.revision ?? 0, base?.state.manifest.revision ?? 0];
  const replaces = { ...standing, revision: Math.max(...revisions) };
  return sendBackup(parts, { dump: prepared, replaces, heals: heals.map(hexToBytes), ...lineage }, options);
}

/** Whether what the server lost is in what this device holds of it. */
export function isHeldHere(mark: Mark | null): boolean {
  return mark?.held.includes(mark.sha256) === true;
}
