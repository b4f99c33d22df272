import type { MergedFrom, VerifyReport } from "@cloudbackup/client";

type Conflict = MergedFrom["conflicts"][number];

/** What is not the same on the server, in a line: `labels (1 missing there)`. */
export function differences({ sections }: VerifyReport): string {
  return sections
    .filter(({ outcome }) => outcome === "differs" || outcome === "missing")
    .map(({ name, records, more }) => {
      const counts = {
        "missing there": records.filter(({ outcome }) => outcome === "missing").length,
        "missing here": records.filter(({ outcome }) => outcome === "extra").length,
        "newer here": records.filter(({ outcome, newer }) => outcome === "differs" && newer === "dump").length,
        "newer there": records.filter(({ outcome, newer }) => outcome === "differs" && newer === "backup").length,
        otherwise: records.filter(({ outcome, newer }) => outcome === "differs" && newer === undefined).length,
        more,
      };
      const parts = Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
      return `${name} (${parts.join(", ")})`;
    })
    .join("; ");
}

/** What both devices changed: the other one's value stands, and this page's is still to be read here. */
export function explainConflict({ section, record, key, local, remote }: Conflict): string {
  const { name, label, id } = (record?.remote ?? {}) as { name?: string; label?: string; id?: string };
  const of = [section, name ?? label ?? id, key].filter(Boolean).join(", ");
  return `Another device changed the same (${of}): ${show(remote)} stands now, here it was ${show(local)}.`;
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  return typeof value === "string" ? `“${value}”` : JSON.stringify(value);
}
