import type { AnySectionDefinition, Manifest } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Client } from "./account.ts";
import { RestoreFirstError, RevisionConflictError, SameRealmError } from "./errors.ts";
import { mirrorMarkIn, uniteMirrorMarks } from "./mirror-marks.ts";
import { readBackup } from "./read-backup.ts";
import type { RestoreOptions } from "./restore.ts";
import type { VerifyReport } from "./verify.ts";
import type { WalletBackup } from "./wallet-backup.ts";
import { partsOf, type WalletParts } from "./wallet-parts.ts";
import { type BackupReceipt, writeBackup } from "./write-backup.ts";

/** A wallet that another server holds by now, too. */
export interface MovedWallet {
  /** The other server's. */
  receipt: BackupReceipt;
  /** Of the restore drill there; a copy that is not `ok` is an error instead. */
  report: VerifyReport;
}

/**
 * Copies the latest backup to another server, and opens it there. What is copied must be this device's: it becomes so at the
 * other server, where this device's next backup follows on it.
 *
 * @throws what `WalletBackup.moveTo` does
 */
export async function moveTo<Definitions extends readonly AnySectionDefinition[]>(
  from: WalletParts,
  other: Client<Definitions>,
  options: MoveOptions,
): Promise<MovedWallet> {
  const there = await other.openWallet(from.keys, { signal: options.signal });
  // No `await using`: it takes symbols that Safari and React Native lack.
  try {
    return await copyTo(there, from, options);
  } finally {
    there.close();
  }
}

type MoveOptions = Pick<RestoreOptions, "signal" | "onProgress">;

async function copyTo<Definitions extends readonly AnySectionDefinition[]>(
  there: WalletBackup<Definitions>,
  from: WalletParts,
  options: MoveOptions,
): Promise<MovedWallet> {
  const to = partsOf(there);
  const { realm } = from.keys;
  if (bytesToHex(to.keys.realm) === bytesToHex(realm)) throw new SameRealmError();

  const { dump, manifest, sha256 } = (await readBackup<Definitions>(from, "latest", options)).opened;
  const { revision, gen } = manifest;
  const base = await from.local.base();
  if (!base) throw new RestoreFirstError(revision);
  if (bytesToHex(base.state.sha256) !== bytesToHex(sha256)) {
    throw new RevisionConflictError(revision, bytesToHex(sha256));
  }
  const held = (await to.local.base())?.state;
  if (held && !isIn({ ...held.manifest, realm: to.keys.realm }, { ...manifest, realm })) {
    throw new RevisionConflictError(held.manifest.revision, bytesToHex(held.sha256));
  }

  const mirrors = uniteMirrorMarks(to.keys.realm, manifest.mirrors, [{ realm, revision, sha256 }]);
  const lineage = { gen: gen + 1, mirrors };
  const receipt = await to.shared.turns.run(() => writeBackup(to, dump, { ...options, ...lineage }));
  const report = await there.verify(dump, options);
  // Nothing but another device's backup can have come in between.
  if (!report.ok) throw new RevisionConflictError(report.revision);
  return { receipt, report };
}

type At = { realm: Uint8Array } & Pick<Manifest, "revision" | "gen" | "checksum" | "mirrors">;

/** Whether what this device holds there is in what it holds here: it is a copy of that, and did not go on since. */
function isIn(there: At, here: At): boolean {
  if (bytesToHex(there.checksum) === bytesToHex(here.checksum)) return true;
  if ((mirrorMarkIn(there.realm, here.mirrors)?.revision ?? 0) >= there.revision) return true;
  const copied = mirrorMarkIn(here.realm, there.mirrors);
  // A copy is one generation above what was copied, and each backup since above the one before it.
  return copied !== undefined && there.gen - 1 <= here.gen - (here.revision - copied.revision);
}
