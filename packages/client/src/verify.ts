import {
  CloudBackupError,
  compareSection,
  type OpenedBackup,
  type PreparedDump,
  type SectionComparison,
} from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { KnownState } from "./local-state.ts";
import type { WalletParts } from "./wallet-parts.ts";

/** What a restore drill found, to be shown to a person. Names and ids in it are the wallet's: it is not for a log. */
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
  /** How many records there are; undefined for a section without a definition, which is compared as one. */
  counts:
    | {
        /** In the dump. */
        dump: number;
        /** In the backup. */
        backup: number;
      }
    | undefined;
  /** Which side is the newer one, where all differences have the same; undefined: it cannot be told. */
  newer: "dump" | "backup" | undefined;
  /** What differs, 1,000 at most: first what the backup lacks or has otherwise, then what the dump lacks. */
  records: readonly RecordReport[];
  /** How many more differ. */
  more: number;
}

/** How one record of the dump is not as in the backup. */
export interface RecordReport {
  /** Its identity, for people: bytes in hex, several parts with a space between. */
  id: string;
  /** What a person called it, its `name` or `label`; undefined where it has neither. */
  name: string | undefined;
  /** `missing`: the backup lacks it; `extra`: the dump lacks it; `differs`. */
  outcome: "missing" | "extra" | "differs";
  /** The keys whose values differ, ascending. */
  keys: readonly string[];
  /**
   * Which side changed, added or removed it since the backup that this device last wrote or took over; where that does not
   * tell, the side with the larger counters. Undefined: neither tells.
   */
  newer: "dump" | "backup" | undefined;
}

/** Compares a dump with a backup that was opened by the keys alone; what this device keeps only tells which is newer. */
export async function compareWithBackup(
  parts: WalletParts,
  what: { dump: PreparedDump; backup: Pick<OpenedBackup, "manifest" | "sections">; base: KnownState | null },
): Promise<VerifyReport> {
  const { clock, sections: definitions } = parts.options;
  const { dump, base } = what;
  const { manifest, sections: backup } = what.backup;
  const report = async (name: string): Promise<SectionReport> => {
    const isNamed = dump.sections.has(name) || dump.emptied.includes(name);
    const remote = backup.get(name) ?? ABSENT;
    // What the dump does not name it leaves as it is.
    const local = isNamed ? (dump.sections.get(name)?.body ?? ABSENT) : remote;
    const before = isNamed ? await bodyIn(base, name, parts) : null;
    const found = compareSection({ name, local, remote, base: before, sections: definitions });
    const common = { name, bytes: remote.length, ...recordsOf(found, isNamed) };
    if (!isNamed) return { ...common, outcome: "carried" };
    if (!backup.has(name)) return { ...common, outcome: "missing" };
    return { ...common, outcome: found.isSame ? "same" : "differs" };
  };
  const sections: SectionReport[] = [];
  for (const name of [...new Set([...dump.sections.keys(), ...backup.keys()])].sort()) {
    sections.push(await report(name));
  }
  return {
    ok: sections.every(({ outcome }) => outcome === "same" || outcome === "carried"),
    checkedAt: new Date(clock.now()),
    revision: manifest.revision,
    gen: manifest.gen,
    writtenAt: new Date(manifest.at),
    device: bytesToHex(manifest.device),
    sections,
  };
}

const ABSENT = new Uint8Array();
const SIDES = { local: "dump", remote: "backup" } as const;
const OUTCOMES = { local: "missing", remote: "extra", both: "differs" } as const;

function recordsOf(
  found: SectionComparison,
  isNamed: boolean,
): Pick<SectionReport, "counts" | "newer" | "records" | "more"> {
  const { counts, differences, more } = found;
  const newerOf = ({ newer }: Pick<SectionComparison, "newer">) => newer && SIDES[newer];
  return {
    counts: counts && { dump: isNamed ? counts.local : 0, backup: counts.remote },
    newer: newerOf(found),
    records: differences.map(({ id, name, keys, ...rest }) => {
      return { id, name, outcome: OUTCOMES[rest.in], keys, newer: newerOf(rest) };
    }),
    more,
  };
}

/** A section as this device last had it. Null: it has none, or what it keeps cannot be read. */
async function bodyIn(base: KnownState | null, name: string, { local }: WalletParts): Promise<Uint8Array | null> {
  if (!base) return null;
  try {
    return (await local.sections(base.state, [name])).get(name) ?? ABSENT;
  } catch (error) {
    if (error instanceof CloudBackupError) return null;
    throw error;
  }
}
