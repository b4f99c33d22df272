import {
  CloudBackupError,
  type Dump,
  decodeDump,
  encodeDump,
  type MergeConflict,
  type MergeResolver,
  mergeDumps,
} from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import { throwIfAborted } from "./abort.ts";
import type { KnownState } from "./local-state.ts";
import { MergeConflictError } from "./merge-conflict-error.ts";
import type { OnProgress } from "./progress.ts";
import { readBackup, takeOver } from "./read-backup.ts";
import { assertKeeps, idsOf } from "./shrink.ts";
import { type InTurn, takingOver } from "./taking-over.ts";
import { standingOf, type WalletParts } from "./wallet-parts.ts";
import { becomeBase } from "./write-backup.ts";

/** What a merged dump was made of. */
export interface MergedFrom<D extends Dump = Dump> {
  /** What both devices changed and no rule united. Those that `resolve` did not decide are the server's in the merged dump. */
  conflicts: readonly MergeConflict[];
  /** What this device last wrote or took over; null where that cannot be read any more: then nothing counts as removed. */
  base: D | null;
  /** What this device holds. */
  local: D;
  /** What the server holds. */
  remote: D;
}

/**
 * How a wallet takes over what another device wrote.
 *
 * @param merged what the wallet holds from now on
 * @param from what it was made of
 * @returns false: the wallet has changed since `read`; it is read and merged again
 */
export type ApplyMerged<D extends Dump = Dump> = (
  merged: D,
  from: MergedFrom<D>,
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing serves
) => boolean | void | Promise<boolean | void>;

export interface MergeLatestOptions {
  read: () => Dump | Promise<Dump>;
  apply: ApplyMerged;
  resolve?: MergeResolver | undefined;
  allowShrink?: boolean | undefined;
  signal: AbortSignal;
  onProgress: OnProgress;
}

/** A wallet that changes all the time is read again after so long. */
export const AGAIN_MS = 100;

/**
 * Fetches what another device wrote, merges it three ways with what this one holds, has the wallet take that over, and then
 * makes the fetched backup this device's: what the wallet holds then follows on it. Nothing is sent.
 *
 * @returns SHA-256 of the fetched backup's envelope, hex
 * @throws what `restore` does; what `apply` does; MergeConflictError; InvalidDumpError: the wallet's dump, or what `resolve` gave;
 *   WouldShrinkError: the merged dump would lose much of the fetched one
 */
export async function mergeLatest(parts: WalletParts, options: MergeLatestOptions, inTurn: InTurn): Promise<string> {
  for (;;) {
    const before = await inTurn(async () => {
      const base = await parts.local.base();
      // What another process on this storage wrote is no base: this one's wallet never held it.
      const isOwn = base && parts.local.own.has(bytesToHex(base.state.sha256));
      return { standing: standing(parts, base), dump: isOwn ? await dumpOf(base, parts) : null };
    });
    const latest = await readBackup<[]>(parts, "latest", options);
    if (await inTurn(() => settle(parts, latest.continued))) continue;
    const { dump, manifest, sha256 } = latest.opened;
    const current = { revision: manifest.revision, sha256: bytesToHex(sha256) };
    await applyMerged(parts.options, options, before.dump, { dump, current, conflicts: [] });
    const isTaken = await takingOver(parts, inTurn, async () => {
      // Taken over by another handle meanwhile: what was merged had another base.
      if (standing(parts, await parts.local.base()) !== before.standing) return false;
      await takeOver(parts, latest);
      return true;
    });
    if (isTaken) return bytesToHex(latest.opened.sha256);
  }
}

/**
 * Makes a backup of this device the base whose reply was lost, and on which another device has written: what it held would
 * else count as changed here.
 *
 * @param continued SHA-256 of what the latest continues, hex, newest last
 * @returns whether there was one
 */
async function settle(parts: WalletParts, continued: readonly string[]): Promise<boolean> {
  for (const sha256 of [...continued].reverse()) {
    const arrived = await parts.local.pending(sha256);
    if (!arrived) continue;
    await becomeBase(parts, arrived);
    return true;
  }
  return false;
}

function standing({ shared }: WalletParts, base: KnownState | null): string {
  return standingOf(shared, base && bytesToHex(base.state.sha256));
}

/** What was fetched. */
interface Fetched {
  dump: Dump;
  /** Of the backup that it comes from. */
  current: { revision: number; sha256: string };
  /** What gave way already when it was put together. */
  conflicts: readonly MergeConflict[];
}

/** Merges until the wallet has taken it over. */
export async function applyMerged(
  { clock, sections }: Pick<WalletParts["options"], "clock" | "sections">,
  { read, apply, resolve, allowShrink, signal }: MergeLatestOptions,
  base: Dump | null,
  { dump: remote, current, conflicts: before }: Fetched,
): Promise<void> {
  for (;;) {
    throwIfAborted(signal);
    const held = read();
    // A wallet that reads and takes over at once is not interrupted in between: no change can come there.
    const local = withRules(isPromise(held) ? await held : held, sections);
    const { dump, conflicts } = mergeDumps({
      base,
      local,
      remote,
      sections,
      resolve:
        resolve &&
        decidingBy(resolve, (met, cause) => new MergeConflictError(current, { ...met, local, remote }, cause)),
    });
    withRules(dump, sections);
    if (!allowShrink) assertKeeps(idsOf(remote), idsOf(dump));
    throwIfAborted(signal);
    const from = { conflicts: [...before, ...conflicts], base, local, remote };
    if ((await apply(dump, from)) !== false) return;
    await new Promise<void>((resolve) => clock.setTimeout(resolve, AGAIN_MS, "background"));
  }
}

/** @param explain makes the error of a resolver that throws, of the conflicts that were met */
function decidingBy(
  resolve: MergeResolver,
  explain: (met: { conflicts: MergeConflict[] }, cause: unknown) => Error,
): MergeResolver {
  const conflicts: MergeConflict[] = [];
  return (conflict) => {
    conflicts.push(conflict);
    try {
      return resolve(conflict);
    } catch (error) {
      throw explain({ conflicts }, error);
    }
  };
}

/** As a backup opens to it, but that a section which the wallet names stays there where it is empty. @throws InvalidDumpError */
function withRules(dump: Dump, sections: WalletParts["options"]["sections"]): Dump {
  return { ...dump, ...decodeDump(encodeDump(dump, { sections }), { sections }) };
}

/** What a state was made of; null where that cannot be read any more. */
async function dumpOf(base: KnownState | null, { local, options }: WalletParts): Promise<Dump | null> {
  if (!base) return null;
  const { sections } = options;
  const names = base.state.manifest.sections.map(({ name }) => name);
  try {
    return decodeDump(await local.sections(base.state, names), { sections });
  } catch (error) {
    if (error instanceof CloudBackupError) return null;
    throw error;
  }
}

function isPromise(value: Dump | Promise<Dump>): value is Promise<Dump> {
  return typeof (value as Promise<Dump>).then === "function";
}
