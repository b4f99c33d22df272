import type { Row } from "./row.ts";

/** Measures some figures that belong together. */
export interface Benchmark {
  /** Names of its rows, in their order. */
  names: readonly string[];
  /** Sets up, measures and clears up; one row for each name, in their order. */
  run(): Promise<Row[]>;
}

/** What is compared: each gives its figure of one round. */
export type Contestants<Name extends string> = Record<Name, () => number | Promise<number>>;

/**
 * Runs the contestants in turn, round after round, so that what the machine does meanwhile meets all of them; one round
 * before those that count warms up.
 *
 * @returns the median of each
 */
export async function interleave<Name extends string>(
  rounds: number,
  contestants: Contestants<Name>,
): Promise<Record<Name, number>> {
  const entries = Object.entries(contestants) as [Name, () => number | Promise<number>][];
  const figures = new Map(entries.map(([name]) => [name, [] as number[]]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, measure] of entries) {
      const figure = await measure();
      if (round >= 0) figures.get(name)?.push(figure);
    }
  }
  return Object.fromEntries([...figures].map(([name, list]) => [name, median(list)])) as Record<Name, number>;
}

/** The middle one; of an even number, the mean of the two in the middle. */
export function median(figures: readonly number[]): number {
  if (figures.length === 0) throw new RangeError("there is no median of nothing");
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] as number;
  return Number.isInteger(middle) ? ((sorted[middle - 1] as number) + upper) / 2 : upper;
}

/** Milliseconds that the work takes. */
export async function timeMs(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Mebibytes a second: `work` goes through `bytes` once, and is repeated for `forMs` at least. */
export function throughputMiB(bytes: number, work: () => unknown, forMs = 100): number {
  const start = performance.now();
  let times = 0;
  let elapsedMs = 0;
  do {
    work();
    times++;
    elapsedMs = performance.now() - start;
  } while (elapsedMs < forMs);
  return (bytes * times) / 2 ** 20 / (elapsedMs / 1000);
}
