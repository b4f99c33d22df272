import type { Dump } from "../dump/dump.ts";
import { formatLabels, type LabelProblem, parseLabels } from "./labels-jsonl.ts";
import type { Exported, Imported } from "./report.ts";
import { assertText } from "./text.ts";

const WHY: Readonly<Record<LabelProblem["reason"], string>> = {
  "no-type": "The line has no type, and is left out.",
  "no-ref": "The line has no ref, and is left out.",
  "key-twice": "The line has a key twice, and is left out.",
  repeated: "A line further down labels the same otherwise, and stands instead.",
};

/**
 * Reads a label file of BIP-329 as `parseLabels` does, with a report such as the other imports give.
 *
 * @param text JSON lines
 * @returns `labels`
 * @throws InvalidLabelsError: a line is no JSON object; ImportError: the text is too long; TypeError: `text` is no string
 * @see https://github.com/bitcoin/bips/blob/master/bip-0329.mediawiki; docs/interchange.md
 */
export function importLabels(text: string): Imported {
  assertText(text);
  const { labels, problems } = parseLabels(text);
  const report = problems.map(({ line, reason }) => ({
    what: "lost" as const,
    where: `line ${line}`,
    why: WHY[reason],
  }));
  return { dump: { labels }, report };
}

/**
 * The labels of a dump as a file of BIP-329.
 *
 * @param dump stays as it is; of its other sections nothing is said
 * @returns JSON lines, empty where there are no labels; nothing is lost
 * @throws InvalidDumpError that names the record and the key; TypeError for wrong arguments
 * @see https://github.com/bitcoin/bips/blob/master/bip-0329.mediawiki; docs/interchange.md
 */
export function exportLabels(dump: Pick<Dump, "labels">): Exported {
  if (typeof dump !== "object" || dump === null) throw new TypeError("dump must be an object of sections");
  return { text: formatLabels(dump.labels ?? []), report: [] };
}
