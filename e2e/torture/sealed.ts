import { type BackupKeys, createBackup, type Dump, serializeDump } from "@cloudbackup/core";
import type { Dice } from "./dice.ts";

/** A backup that was sent, or will be: what must come back of it. */
export interface Sealed {
  revision: number;
  /** Of the envelope, in hex. */
  sha256: string;
  /** Of the dump that went in, in hex. */
  checksum: string;
  bundle: Uint8Array;
  /** What the next backup starts from. */
  state: Uint8Array;
  /** The first receipt's, as far as one arrived whole. */
  storedAt?: string;
}

/** Where a wallet's next backup stands: on one of its own, or on a revision number that a deleted one has left. */
export type Parent = { state: Uint8Array } | { revision: number };

const DEVICE = new Uint8Array(16).fill(1);
const MAX_LABELS = 12;
/** Half of a label's characters. Several together make a chunk, and a few chunks a wallet. */
const MAX_LABEL_BYTES = 3_000;

/** What a wallet knows: labels that come, change and go. */
export function changedDump(dump: Dump, dice: Dice): Dump {
  const labels = [...(dump.labels ?? [])];
  for (let changes = 1 + dice.below(3); changes > 0; changes--) {
    const isFull = labels.length >= MAX_LABELS;
    if (labels.length > 1 && (isFull || dice.below(4) === 0)) labels.splice(dice.below(labels.length), 1);
    const label = hexOf(dice.bytes(1 + dice.below(MAX_LABEL_BYTES)));
    labels.push({ type: "tx", ref: hexOf(dice.bytes(32)), label });
  }
  return { ...dump, labels };
}

/** Seals a dump, as an update where it stands on a backup and `whole` does not ask for more. */
export function seal(keys: BackupKeys, dump: Dump, parent: Parent, dice: Dice, whole: boolean): Sealed {
  const backup = createBackup({
    dump,
    keys,
    device: DEVICE,
    now: Date.now(),
    random: (length) => dice.bytes(length),
    whole,
    ...("state" in parent
      ? { previous: parent.state }
      : { replaces: { revision: parent.revision, sha256: null, chain: null, gen: parent.revision } }),
  });
  return {
    revision: backup.manifest.revision,
    sha256: hexOf(backup.sha256),
    checksum: hexOf(serializeDump(dump).checksum),
    bundle: backup.bundle,
    state: backup.state,
  };
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
