import { isDeepStrictEqual } from "node:util";
import type { Source } from "./source.ts";

/** Something that reads what others wrote, and how to tell that it did so rightly. */
export interface Target<Input = unknown> {
  name: string;
  /** Its part of a run's cases, beside those of the others. */
  share: number;
  /** Cases of a block share what `open` gave, and are replayed from the block's first on. By default no case sees another. */
  block?: number;
  open(): Cases<Input> | Promise<Cases<Input>>;
}

export interface Cases<Input = unknown> {
  /** @param index of the case in the run: for inputs that are taken one after the other */
  make(source: Source, index: number): Input;
  /**
   * What came of it, in a word or two: `accepted`, the name of an error. Throws whatever is a finding.
   */
  check(input: Input): string | Promise<string>;
  close?(): Promise<void>;
}

/** A target's type of input is its own affair. */
export function defineTarget<Input>(target: Target<Input>): Target {
  return target as Target;
}

export const ACCEPTED = "accepted";

/** The parser did something that it must never do. */
class Broken extends Error {
  override readonly name = "Broken";
}

/** A rule that every case must keep. */
export function claim(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Broken(`not so: ${rule}`);
}

export function claimEqual(actual: unknown, expected: unknown, rule: string): void {
  claim(isDeepStrictEqual(actual, expected), rule);
}

export function claimSameBytes(actual: Uint8Array, expected: Uint8Array, rule: string): void {
  claim(Buffer.compare(actual, expected) === 0, rule);
}

// biome-ignore lint/suspicious/noExplicitAny: a class of errors, whatever its constructor takes
type ErrorClass = new (...args: any[]) => Error;

export type Attempt<T> = { outcome: typeof ACCEPTED; value: T } | { outcome: string; value?: undefined };

/** Runs a parser that may refuse by errors of exactly these classes. Every other error is a finding, and goes through. */
export function attempt<T>(run: () => T, refusals: readonly ErrorClass[]): Attempt<T> {
  try {
    return { outcome: ACCEPTED, value: run() };
  } catch (error) {
    return { outcome: refusalOf(error, refusals) };
  }
}

/** The name of a refusal. Throws what is none. */
export function refusalOf(error: unknown, refusals: readonly ErrorClass[]): string {
  if (error instanceof Error && refusals.some((refusal) => error.constructor === refusal)) return error.name;
  throw error;
}
