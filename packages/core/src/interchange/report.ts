import type { Dump } from "../dump/dump.ts";
import type { Place } from "./errors.ts";

/** What an import or export could not do as it stood. It holds no key. */
export interface ReportItem {
  /**
   * `assumed`: the source does not say it. `converted`: it says the same in another way now. `lost`: the target has no place
   * for it.
   */
  what: "assumed" | "converted" | "lost";
  /** Where: `line 7`, `extendedPublicKeys[0].xpub`, `labels`. */
  where: string;
  /** A sentence for the person. */
  why: string;
}

/** What comes of an import. */
export interface Imported {
  /** The sections that the text holds: `accounts` and `pairings` of a wallet, `labels` of labels. The caller's. */
  dump: Partial<Dump>;
  /** What was assumed, converted or left out. */
  report: ReportItem[];
}

/** What comes of an export. */
export interface Exported {
  /** Ends with a line feed. */
  text: string;
  /** What the target cannot hold. */
  report: ReportItem[];
}

export function placeText({ line, path }: Place): string {
  if (path) return path;
  return line === undefined ? "" : `line ${line}`;
}
