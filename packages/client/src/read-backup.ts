import { type AnySectionDefinition, type OpenedBackup, TamperedError } from "@cloudbackup/core";
import { decodeBundle } from "@cloudbackup/core/wire";
import { bytesToHex } from "@noble/hashes/utils.js";
import { assertContinues } from "./continues.ts";
import { NoBackupError, RevisionConflictError } from "./errors.ts";
import { openInTurns } from "./open-in-turns.ts";
import type { OnProgress } from "./progress.ts";
import { assertNotBehind, loadMark, markOf, raiseMark } from "./trust.ts";
import { explainAbsence, type WalletParts } from "./wallet-parts.ts";

/** A download that opened, and what it was opened from. */
export interface ReadBackup<Definitions extends readonly AnySectionDefinition[]> {
  bundle: Uint8Array;
  opened: OpenedBackup<Definitions>;
  /** SHA-256 of the envelopes that it continues and that are known, hex, newest last; of the latest alone. */
  continued: readonly string[];
}

/**
 * Fetches a backup whole, opens it and, the latest, checks it against all that this device has seen.
 *
 * @throws what `WalletBackup.restore` does
 */
export async function readBackup<Definitions extends readonly AnySectionDefinition[]>(
  parts: WalletParts,
  which: number | "latest",
  options: { signal?: AbortSignal | undefined; onProgress?: OnProgress | undefined },
): Promise<ReadBackup<Definitions>> {
  const { keys, entries, requests } = parts;
  const { signal, onProgress } = options;
  // As it is before the download: a backup that this device makes meanwhile must not make the download look old.
  const mark = await loadMark(entries, keys);
  const bundle = await download(parts, which, options).catch(async (error: unknown) => {
    if (error instanceof NoBackupError && which !== "latest") {
      throw new NoBackupError(`The server does not keep revision ${which}`, { cause: error });
    }
    if (error instanceof NoBackupError) assertNotBehind(mark, { revision: 0, sha256: null });
    throw await explainAbsence(error, parts, signal);
  });
  const sections = parts.options.sections as unknown as Definitions;
  const { clock } = parts.options;
  const opened = await openInTurns(bundle, keys, { sections, clock, signal, onProgress });

  const { manifest, sha256 } = opened;
  let continued: string[] = [];
  if (which === "latest") {
    continued = await assertContinues(mark, keys, opened, (from) => requests.chain(from, signal));
    await raiseMark(parts, markOf(manifest, sha256));
  } else if (manifest.revision !== which) {
    throw new TamperedError(`The server sent revision ${manifest.revision}, not ${which}`);
  }
  return { bundle, opened, continued };
}

/** Makes a backup that was read this device's. @throws RevisionConflictError where this device has gone on meanwhile */
export async function takeOver(
  parts: WalletParts,
  { opened, bundle, continued }: ReadBackup<readonly AnySectionDefinition[]>,
): Promise<void> {
  const { local } = parts;
  const base = await local.base();
  if (base && base.state.manifest.revision > opened.manifest.revision) {
    throw new RevisionConflictError(base.state.manifest.revision);
  }
  await local.setBase(opened.state, decodeBundle(bundle).items);
  const { manifest, sha256 } = opened;
  await raiseMark(parts, markOf(manifest, sha256, [...continued, bytesToHex(sha256)]));
}

function download(
  { options: { maxDownloadBytes }, requests }: WalletParts,
  which: number | "latest",
  { signal, onProgress }: Parameters<typeof readBackup>[2],
): Promise<Uint8Array> {
  return requests.download(which, {
    maxBytes: maxDownloadBytes,
    onReceived: (done, total) => onProgress?.({ phase: "download", done, total: Math.max(done, total ?? 0) }),
    signal,
  });
}
