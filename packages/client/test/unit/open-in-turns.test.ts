import { createBackup, deriveBackupKeys, NO_REALM, TamperedError } from "@cloudbackup/core";
import { expect, it } from "vitest";
import { openInTurns } from "../../src/open-in-turns.ts";
import type { Progress } from "../../src/progress.ts";
import { dump, noise, SEED } from "../support/wallets.ts";

const keys = deriveBackupKeys(SEED, NO_REALM);
const large = { ...dump, "acme.blobs": [noise(3_000_000)] };
const { bundle } = createBackup({
  keys,
  dump: large,
  device: new Uint8Array(16),
  now: 0,
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
});

/** Every look at it takes so long; a turn is what waits for it. */
function slowClock(lookMs: number) {
  let now = 0;
  const clock = {
    turns: 0,
    now: () => (now += lookMs),
    setTimeout: (callback: () => void) => {
      clock.turns++;
      return setImmediate(callback);
    },
    clearTimeout: () => undefined,
  };
  return clock;
}

it("says section by section how far it is, forwards only and to the end", async () => {
  const told: Progress[] = [];
  const clock = slowClock(0);
  const opened = await openInTurns(bundle, keys, { sections: [], clock, onProgress: (each) => told.push(each) });
  expect(opened.dump.accounts).toEqual(large.accounts);
  expect(told.every(({ phase }) => phase === "open")).toBe(true);
  const done = told.map((each) => each.done);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  expect(told.at(-1)).toMatchObject({ done: told[0]?.total, total: told[0]?.total });
  const inTurn = told.map(({ section }) => section).filter((name, at, all) => name !== all[at - 1]);
  // What is in the manifest is opened with it; then every section is decoded.
  const chunked = ["acme.blobs", "labels"];
  expect(inTurn).toEqual([...chunked, "accounts", "acme.blobs", "labels", "pairings"]);
  expect(clock.turns).toBe(0);
});

it("lets others have a turn while it takes long", async () => {
  const clock = slowClock(40);
  let others = 0;
  const beside = setInterval(() => others++, 0);
  await openInTurns(bundle, keys, { sections: [], clock });
  clearInterval(beside);
  expect(clock.turns).toBeGreaterThan(10);
  expect(others).toBeGreaterThan(0);
});

it("ends where it is aborted, and where something is wrong", async () => {
  const abort = new AbortController();
  const opening = openInTurns(bundle, keys, { sections: [], clock: slowClock(40), signal: abort.signal });
  abort.abort(new Error("not any more"));
  await expect(opening).rejects.toThrow("not any more");
  const damaged = bundle.slice();
  damaged[damaged.length - 20] = (damaged.at(-20) as number) ^ 1;
  await expect(openInTurns(damaged, keys, { sections: [], clock: slowClock(40) })).rejects.toThrow(TamperedError);
});
