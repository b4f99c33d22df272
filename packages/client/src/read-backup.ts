import { type AnySectionDefinition, type OpenedBackup, TamperedError } from "@cloudbackup/core";
import { decodeBundle } from "@cloudbackup/core/wire";
import { bytesToHex } from "@noble/hashes/utils.js";
import { assertContinues } from "./continues.ts";
import { NoBackupError, RevisionConflictError } from "./errors.ts";
import { openInTurns } from "./open-in-turns.ts";
import type { OnProgress } from "./progress.ts";
import { assertNotBehind, loadMark, markOf, raiseMark } from "./trust.ts";
import { explainAbsence, type WalletParts } from "./wallet-parts.ts";

type Definitions = readonly AnySectionDefinition[];
type ReadOptions = { signal?: AbortSignal | undefined; onProgress?: OnProgress | undefined };

/** A download that opened, and what it was opened from. */
export interface FetchedBackup<D extends Definitions> {
  bundle: Uint8Array;
  opened: OpenedBackup<D>;
}

/** One that was checked, too. */
export interface ReadBackup<D extends Definitions> extends FetchedBackup<D> {
  /** SHA-256 of the envelopes that it continues and that are known, hex, newest last; of the latest alone. */
  continued: readonly string[];
}

/** Fetches a backup whole and opens it. Whether it may be believed is for its caller to know. */
export async function fetchBackup<D extends Definitions>(
  parts: WalletParts,
  which: number | "latest",
  { signal, onProgress }: ReadOptions,
): Promise<FetchedBackup<D>> {
  const bundle = await parts.requests
    .download(which, {
      maxBytes: parts.options.maxDownloadBytes,
      onReceived: (done, total) => onProgress?.({ phase: "download", done, total: Math.max(done, total ?? 0) }),
      signal,
    })
    .catch(async (error: unknown) => {
      throw await explainAbsence(error, parts, signal);
    });
  const sections = parts.options.sections as unknown as D;
  const { clock } = parts.options;
  return { bundle, opened: await openInTurns(bundle, parts.keys, { sections, clock, signal, onProgress }) };
}

/**
 * The same, and the latest is checked against all that this device has seen.
 *
 * @throws what `WalletBackup.restore` does
 */
export async function readBackup<D extends Definitions>(
  parts: WalletParts,
  which: number | "latest",
  options: ReadOptions,
): Promise<ReadBackup<D>> {
  const { keys, entries, requests } = parts;
  // As it is before the download: a backup that this device makes meanwhile must not make the download look old.
  const mark = await loadMark(entries, keys);
  const fetched = await fetchBackup<D>(parts, which, options).catch((error: unknown) => {
    if (!(error instanceof NoBackupError)) throw error;
    if (which !== "latest") throw new NoBackupError(`The server does not keep revision ${which}`, { cause: error });
    assertNotBehind(mark, { revision: 0, sha256: null });
    throw error;
  });
  const { manifest, sha256 } = fetched.opened;
  let continued: string[] = [];
  if (which === "latest") {
    continued = await assertContinues(mark, keys, fetched.opened, (from) => requests.chain(from, options.signal));
    await raiseMark(parts, markOf(manifest, sha256));
  } else if (manifest.revision !== which) {
    throw new TamperedError(`The server sent revision ${manifest.revision}, not ${which}`);
  }
  return { ...fetched, continued };
}

/** Makes a backup that was read this device's. @throws RevisionConflictError where this device has gone on meanwhile */
export async function takeOver(
  parts: WalletParts,
  { opened, bundle, continued }: ReadBackup<Definitions>,
): Promise<void> {
  const { local } = parts;
  const base = await local.base();
  if (base && base.state.manifest.revision > opened.manifest.revision) {
    throw new RevisionConflictError(base.state.manifest.revision);
  }
  const { manifest, sha256 } = opened;
  await local.setBase(opened.state, decodeBundle(bundle).items);
  local.own.add(bytesToHex(sha256));
  await raiseMark(parts, markOf(manifest, sha256, [...continued, bytesToHex(sha256)]));
}
