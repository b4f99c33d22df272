import { type BackupState, changedSections, type OpenedBackup, type PreparedDump } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";

/** What a restore drill found. */
export interface VerifyReport {
  /** Whether every section of the dump is in the backup as it is. */
  ok: boolean;
  /** When, by this device's clock. */
  checkedAt: Date;
  /** Of the backup. */
  revision: number;
  /** Generation of the backup, which orders those of several servers. */
  gen: number;
  /** When the backup was written, by its writer's clock. */
  writtenAt: Date;
  /** Which installation wrote it, 32 hex characters. */
  device: string;
  /** Ascending by name. */
  sections: readonly SectionReport[];
}

/** What a restore drill found of one section. */
export interface SectionReport {
  /** The section's. */
  name: string;
  /**
   * `same`; `differs`; `missing`: the dump has it, the backup does not; `carried`: the backup has it and the dump does not
   * name it, so that the next backup carries it over.
   */
  outcome: "same" | "differs" | "missing" | "carried";
  /** Bytes of the section in the backup. */
  bytes: number;
}

export function compareWithBackup(
  prepared: PreparedDump,
  opened: Pick<OpenedBackup, "manifest" | "sections" | "sha256">,
  checkedAt: Date,
): VerifyReport {
  const { manifest, sections: backedUp } = opened;
  const differing = new Set(changedSections(prepared, stateOf(opened)));
  const outcomeOf = (name: string): SectionReport["outcome"] => {
    if (!backedUp.has(name)) return "missing";
    if (differing.has(name)) return "differs";
    return prepared.sections.has(name) ? "same" : "carried";
  };
  const names = [...new Set([...prepared.sections.keys(), ...backedUp.keys()])].sort();
  const sections = names.map((name) => ({ name, outcome: outcomeOf(name), bytes: backedUp.get(name)?.length ?? 0 }));
  return {
    ok: sections.every(({ outcome }) => outcome === "same" || outcome === "carried"),
    checkedAt,
    revision: manifest.revision,
    gen: manifest.gen,
    writtenAt: new Date(manifest.at),
    device: bytesToHex(manifest.device),
    sections,
  };
}

/** As much of a state as a comparison needs. */
function stateOf({ manifest, sha256 }: Pick<OpenedBackup, "manifest" | "sha256">): BackupState {
  return { manifest, sha256, chunkIds: new Map() };
}
