import { setImmediate } from "node:timers/promises";

/** Runs one piece of work after the other, and whatever else waits for the event loop in between. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * For work that holds the event loop for long. A body of 8 MiB can name a quarter of a million ids, which take half a second
 * to read: of many such requests at once, nobody else shall wait for all, nor shall what all of them hold be in memory.
 *
 * @param loopTurns of the event loop between two pieces. It accepts one new connection in each, and reads from it later
 */
export function createTurns(loopTurns: number): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(() => pause(loopTurns)).then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

async function pause(loopTurns: number): Promise<void> {
  for (let turn = 0; turn < loopTurns; turn++) await setImmediate();
}
