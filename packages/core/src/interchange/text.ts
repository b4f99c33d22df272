import { ImportError } from "./errors.ts";

/** More than any wallet's file has: a wallet of Bitcoin Core with a descriptor for each of thousands of keys. */
const MAX_IMPORT_CHARACTERS = 8 * 1024 * 1024;

/** @throws TypeError; ImportError: too long */
export function assertText(text: unknown): asserts text is string {
  if (typeof text !== "string") throw new TypeError("text must be a string");
  if (text.length > MAX_IMPORT_CHARACTERS) {
    throw new ImportError(`the text has more than ${MAX_IMPORT_CHARACTERS} characters`);
  }
}

/** Without the mark with which editors of some platforms begin a file. */
export function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** Lines from 1, without white space around them. */
export function linesOf(text: string): { line: number; text: string }[] {
  return withoutMark(text)
    .split(/\r\n|\r|\n/)
    .map((each, i) => ({ line: i + 1, text: each.trim() }));
}
