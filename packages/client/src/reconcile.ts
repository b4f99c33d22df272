import {
  CloudBackupError,
  type Dump,
  decodeDump,
  encodeDump,
  type MergeConflict,
  type MergeResolver,
  mergeDumps,
  type OpenedBackup,
  type PreparedDump,
} from "@cloudbackup/core";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { throwIfAborted } from "./abort.ts";
import { assertKnown, assertType } from "./checks.ts";
import { sleep } from "./clock.ts";
import {
  DoesNotDecryptError,
  IncompleteError,
  NotYoursError,
  NoWalletError,
  RestoreFirstError,
  TamperedError,
} from "./errors.ts";
import type { KnownState } from "./local-state.ts";
import { AGAIN_MS } from "./merge-backup.ts";
import { uniteMirrorMarks } from "./mirror-marks.ts";
import { presentHashes } from "./present-hashes.ts";
import type { OnProgress } from "./progress.ts";
import { fetchBackup } from "./read-backup.ts";
import { readStanding, type Standing } from "./replace.ts";
import { assertDoesNotShrink } from "./shrink.ts";
import { type InTurn, takingOver } from "./taking-over.ts";
import { loadMark, MAX_HELD, type Mark } from "./trust.ts";
import { explainAbsence, type WalletParts } from "./wallet-parts.ts";
import type { WalletInfo } from "./wallet-requests.ts";
import { type BackupReceipt, register, sendBackup } from "./write-backup.ts";

/** How a wallet and a server that lost something come together. */
export interface ReconcileOptions<D extends Dump = Dump> {
  /** The wallet's dump as it is now. */
  read: () => D | Promise<D>;
  /**
   * Takes the united dump over. Nothing is sent before it has, and nothing where it throws. Must not wait for a backup of this
   * wallet.
   *
   * @param merged what the wallet holds from now on
   * @param found what a person may want to know before
   * @returns false: the wallet has changed since `read`, which is called again
   */
  apply: (
    merged: D,
    found: ReconcileFindings,
    // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing serves
  ) => boolean | void | Promise<boolean | void>;
  /**
   * Chooses where both have a value and no rule unites the two. By default the server's stands, unless what the server has is
   * known to be older.
   */
  resolve?: MergeResolver | undefined;
  /** Allows that a pairing or half of the accounts that this device has backed up is lost. */
  allowShrink?: boolean | undefined;
  /** Aborts; `signal.reason` is thrown. */
  signal?: AbortSignal | undefined;
  /** Told of the download, the opening and the upload. */
  onProgress?: OnProgress | undefined;
}

/** What was found where a wallet and a server come together. */
export interface ReconcileFindings {
  /** SHA-256 of the envelopes that the server has lost and whose content the united dump holds, hex. */
  healed: readonly string[];
  /**
   * What this device has seen of the server, never took over, and the server has lost. The device that wrote it still has it:
   * there, `reconcile()` brings it back.
   */
  missed:
    | {
        /** Its revision. */
        revision: number;
        /** SHA-256 of its envelope, hex. */
        sha256: string;
      }
    | undefined;
  /** Values of which one had to give way. */
  conflicts: readonly MergeConflict[];
  /** What could not be opened, and so is not in the united dump. */
  unreadable: readonly {
    /** The server's latest backup, or what this device keeps of its own last one beside the wallet's dump. */
    of: "server" | "device";
    /** Of that backup. The server keeps its own as long as its history: `restore({ revision })`. */
    revision: number;
    /** Why. */
    error: CloudBackupError;
  }[];
}

/** What came of it. */
export interface Reconciled extends ReconcileFindings {
  /** Of the backup that holds the united dump. */
  receipt: BackupReceipt;
}

const OPTIONS = ["read", "apply", "resolve", "allowShrink", "signal", "onProgress"];

/**
 * The override of docs/format.md §8. Unites what this device has with what the server has, without a base, so that nothing counts
 * as removed, and backs the union up above all that either has seen. It heals the lost backups that this device holds: other
 * devices that have seen those accept it.
 *
 * @throws what `WalletBackup.reconcile` does
 */
export async function reconcile(parts: WalletParts, options: ReconcileOptions, inTurn: InTurn): Promise<Reconciled> {
  assertOptions(options);
  return takingOver(parts, inTurn, () => reconcileInTurn(parts, options));
}

async function reconcileInTurn(parts: WalletParts, options: ReconcileOptions): Promise<Reconciled> {
  const { signal, onProgress } = options;
  const known = await readAll(parts, options);
  const { dump, found } = await unite(parts, options, known);

  const info = known.info ?? (await registered(parts, signal));
  const states = [known.standing, known.base?.state.manifest, known.mark].filter((state) => !!state);
  const replaces = {
    sha256: known.standing?.sha256 ?? null,
    chain: known.standing?.chain ?? null,
    revision: Math.max(info?.revision ?? 0, ...states.map(({ revision }) => revision)),
    gen: Math.max(0, ...states.map(({ gen }) => gen)),
  };
  const heals = found.healed.map(hexToBytes);
  const mirrors = uniteMirrorMarks(
    parts.keys.realm,
    ...[known.base?.state, known.opened].map((backup) => backup?.manifest.mirrors ?? []),
  );
  const receipt = await sendBackup(parts, { dump, replaces, heals, mirrors }, { signal, onProgress });
  return { ...found, receipt };
}

/** What both have, and where they stand. */
interface Known {
  mark: Mark | null;
  base: KnownState | null;
  /** Null: the server has no such wallet. */
  info: WalletInfo | null;
  /** The server's latest; null where there is none, or it does not open. */
  opened: OpenedBackup | null;
  /** Of the server's latest; null where there is none. */
  standing: Standing | null;
  healed: string[];
  missed: ReconcileFindings["missed"];
  unreadable: Unreadable[];
}

type Unreadable = ReconcileFindings["unreadable"][number];

async function readAll(parts: WalletParts, options: ReconcileOptions): Promise<Known> {
  const { signal } = options;
  const mark = await loadMark(parts.entries, parts.keys);
  const base = await parts.local.base();
  const info = await parts.requests.info(signal);
  if (!info) {
    const absence = await explainAbsence(new NoWalletError(), parts, signal);
    if (absence instanceof NotYoursError) throw absence;
  }
  if (!info || info.sha256 === null) {
    const lost = lostHashes({ mark, base, opened: null }, new Set());
    return { mark, base, info, opened: null, standing: null, ...lost, unreadable: [] };
  }
  const unreadable: Unreadable[] = [];
  const opened = await openLatest(parts, options).catch((error: unknown) => {
    if (!isUnreadable(error)) throw error;
    unreadable.push({ of: "server", revision: info.revision, error });
    return null;
  });
  const standing = opened
    ? { ...opened.manifest, sha256: opened.sha256 }
    : await readStanding(info, mark, parts, signal);
  const present = await presentHashes(parts, standing.revision, signal);
  return { mark, base, info, opened, standing, ...lostHashes({ mark, base, opened }, present), unreadable };
}

async function openLatest(parts: WalletParts, options: ReconcileOptions): Promise<OpenedBackup> {
  return (await fetchBackup<[]>(parts, "latest", options)).opened;
}

/** A newer version's is none of these: this one must not replace it. */
function isUnreadable(error: unknown): error is CloudBackupError {
  return error instanceof TamperedError || error instanceof IncompleteError || error instanceof DoesNotDecryptError;
}

/** @param present hashes that the server still knows */
function lostHashes(
  { mark, base, opened }: Pick<Known, "mark" | "base" | "opened">,
  present: ReadonlySet<string>,
): Pick<Known, "healed" | "missed"> {
  const held = new Set([
    ...[opened, base?.state].flatMap((backup) => backup?.manifest.heals.map(bytesToHex) ?? []),
    ...(mark?.held ?? []),
    ...(base ? [bytesToHex(base.state.sha256)] : []),
  ]);
  const healed = [...held].filter((sha256) => !present.has(sha256)).slice(-MAX_HELD);
  const isMissed = mark && !held.has(mark.sha256) && !present.has(mark.sha256);
  return { healed, missed: isMissed ? { revision: mark.revision, sha256: mark.sha256 } : undefined };
}

/** Unites until the wallet has taken over what it holds then. */
async function unite(
  parts: WalletParts,
  options: ReconcileOptions,
  { mark, base, opened, healed, missed, unreadable }: Known,
): Promise<{ dump: PreparedDump; found: ReconcileFindings }> {
  const { sections } = parts.options;
  // What this device has built on cannot be newer than what it has.
  const isOlder = opened !== null && (mark?.held ?? []).includes(bytesToHex(opened.sha256));
  const keepLocal: MergeResolver = ({ local }) => local;
  for (;;) {
    throwIfAborted(options.signal);
    const read = await options.read();
    const device = await withCarried(parts, base, read);
    const { dump: merged, conflicts } = mergeDumps({
      base: null,
      local: device.dump,
      remote: opened?.dump ?? NOTHING,
      sections,
      resolve: options.resolve ?? (isOlder ? keepLocal : undefined),
    });
    const dump = parts.dumps.encode(merged);
    if (base && !options.allowShrink) await assertKeepsBase(dump, base, parts);
    const found = { healed, missed, conflicts, unreadable: [...unreadable, ...device.unreadable] };
    throwIfAborted(options.signal);
    if ((await options.apply(merged, found)) !== false) return { dump, found };
    await sleep(parts.options.clock, AGAIN_MS, options.signal);
  }
}

const NOTHING: Dump = { accounts: [], pairings: [] };

/** What the wallet reads, and the sections that it does not name: they are carried from one backup to the next. */
async function withCarried(
  { local, options: { sections } }: WalletParts,
  base: KnownState | null,
  read: Dump,
): Promise<{ dump: Dump; unreadable: Unreadable[] }> {
  // Checked, and in the form that a backup opens to.
  const own = decodeDump(encodeDump(read, { sections }), { sections });
  if (!base) return { dump: own, unreadable: [] };
  const { manifest } = base.state;
  const names = manifest.sections.map(({ name }) => name).filter((name) => read[name] === undefined);
  try {
    const carried = await local.sections(base.state, names);
    const {
      accounts: _,
      pairings: __,
      ...dump
    } = decodeDump(new Map([...encodeDump(NOTHING), ...carried]), { sections });
    return { dump: { ...dump, ...own }, unreadable: [] };
  } catch (error) {
    if (!(error instanceof CloudBackupError)) throw error;
    return { dump: own, unreadable: [{ of: "device", revision: manifest.revision, error }] };
  }
}

async function assertKeepsBase(dump: PreparedDump, base: KnownState, parts: WalletParts): Promise<void> {
  try {
    await assertDoesNotShrink(dump, base, parts);
  } catch (error) {
    // What cannot be read any more cannot be compared either.
    if (!(error instanceof RestoreFirstError)) throw error;
  }
}

/** The number of a wallet's last revision outlives it. */
async function registered(parts: WalletParts, signal: AbortSignal | undefined): Promise<WalletInfo | null> {
  await register(parts, signal);
  return parts.requests.info(signal);
}

function assertOptions(options: ReconcileOptions): void {
  assertKnown(options, OPTIONS, "reconcile");
  for (const name of ["read", "apply"] as const) {
    if (typeof options[name] !== "function") throw new TypeError(`${name} must be a function`);
  }
  assertType(options.resolve, "function", "resolve");
  assertType(options.allowShrink, "boolean", "allowShrink");
}
