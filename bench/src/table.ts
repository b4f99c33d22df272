import type { Row } from "./row.ts";

const HEAD = ["", "value", "unit", "beside", "its value", "ratio", "goal", ""];
/** Columns of numbers are aligned to the right. */
const NUMBERS = new Set([1, 4, 5]);

/** A Markdown table that reads well as it is, and the notes below it. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    formatNumber(row.value),
    row.unit,
    row.peer?.name ?? "",
    row.peer ? formatNumber(row.peer.value) : "",
    row.ratio === null ? "" : formatNumber(row.ratio),
    row.goal ?? "",
    row.pass === null ? "" : row.pass ? "kept" : "MISSED",
  ]);
  const widths = HEAD.map((head, i) => Math.max(head.length, 3, ...cells.map((line) => (line[i] as string).length)));
  const lineOf = (line: readonly string[]) =>
    `| ${line.map((cell, i) => pad(cell, widths[i] as number, NUMBERS.has(i))).join(" | ")} |`;
  const rule = widths.map((width, i) => (NUMBERS.has(i) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  const notes = rows.flatMap(({ name, note }) => (note === undefined ? [] : [`- ${name}: ${note}`]));
  return [lineOf(HEAD), lineOf(rule), ...cells.map(lineOf), ...(notes.length > 0 ? ["", ...notes] : [])].join("\n");
}

/** Three significant digits, without an exponent. */
export function formatNumber(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en", { minimumFractionDigits: 0, maximumFractionDigits: Math.min(digits, 3) });
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}
