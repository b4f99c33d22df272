import { UsageError } from "./errors.ts";

/** What an option says that takes a number from 1. @throws UsageError */
export function numberOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError(`${option} needs a number from 1`);
  return Number(text);
}
