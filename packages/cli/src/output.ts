import { styleText } from "node:util";
import Table from "cli-table3";
import { codeOf, exitCodeOf } from "./exit-codes.ts";
import { explain } from "./explain.ts";
import type { Io, TerminalOutput } from "./io.ts";
import { safeLines, safeText } from "./safe-text.ts";

type Style = Parameters<typeof styleText>[0];

/**
 * Says what there is to say: results on standard output, all else on standard error. With `--json` one object is all that
 * standard output gets, and one all that an error gets.
 */
export class Output {
  readonly #io: Io;
  readonly isJson: boolean;

  constructor(io: Io, isJson: boolean) {
    this.#io = io;
    this.isJson = isJson;
  }

  /** The result, in both forms. */
  result(json: object, lines: readonly string[]): void {
    if (this.isJson) this.#io.stdout.write(`${JSON.stringify(json)}\n`);
    else for (const line of lines) this.#io.stdout.write(`${line}\n`);
  }

  /** A sentence on standard error, which is no part of the result; `--json` leaves it out. */
  note(sentence: string): void {
    if (!this.isJson) this.#io.stderr.write(`${sentence}\n`);
  }

  /** @param message may hold what others wrote */
  error(error: unknown): void {
    const { stderr } = this.#io;
    const { message, advice, details } = explain(error);
    if (this.isJson) {
      const said = { code: codeOf(error), message, ...(advice ? { advice } : {}), ...details };
      stderr.write(`${JSON.stringify({ error: said, exitCode: exitCodeOf(error) })}\n`);
    } else {
      stderr.write(`${paint(stderr, "red", safeLines(message))}\n`);
      if (advice) stderr.write(`${safeLines(advice)}\n`);
    }
  }

  /** Text for standard output in a style, where that is a terminal, or `FORCE_COLOR` asks for it. */
  paint(style: Style, text: string): string {
    return paint(this.#io.stdout, style, text);
  }

  /** Rows below a head; every cell is made safe. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
    const table = new Table({
      head: head.map((cell) => this.paint("bold", cell)),
      chars: NO_LINES,
      style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    });
    for (const row of rows) table.push(row.map((cell) => safeText(cell)));
    return table
      .toString()
      .split("\n")
      .map((line) => line.trimEnd());
  }
}

/** Columns are told apart by room alone: readable in a narrow terminal, and by programs. */
const NO_LINES = Object.fromEntries(
  [
    ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
    ...["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
  ].map((name) => [name, ""]),
);

function paint(stream: TerminalOutput, style: Style, text: string): string {
  return styleText(style, text, { stream });
}
