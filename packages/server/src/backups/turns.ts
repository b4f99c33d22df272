import { setImmediate } from "node:timers/promises";

/** Runs one piece of work after the other, and whatever else waits for the event loop in between. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * For work that holds the event loop for long. A body of 8 MiB can name a quarter of a million ids, which take half a second
 * to read: of many such requests at once, nobody else shall wait for all, nor shall what all of them hold be in memory.
 */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(() => setImmediate()).then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
