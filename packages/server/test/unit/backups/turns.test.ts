import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createTurns } from "../../../src/backups/turns.ts";

test("work is done one after the other, a failure included, with room in between", async () => {
  const inTurn = createTurns(1);
  const events: string[] = [];
  const works = ["a", "b", "c"].map((name) =>
    inTurn(async () => {
      events.push(`${name} begins`);
      const others = setImmediate().then(() => events.push("others"));
      if (name === "c") await others;
      events.push(`${name} ends`);
      if (name === "b") throw new Error("b fails");
      return name;
    }),
  );
  const outcomes = await Promise.allSettled(works);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(events).toEqual([
    "a begins",
    "a ends",
    "others",
    "b begins",
    "b ends",
    "others",
    "c begins",
    "others",
    "c ends",
  ]);
});

test("a crowd of new connections gets through before the next piece of work", async () => {
  const inTurn = createTurns(64);
  let loopTurns = 0;
  let isDone = false;
  const counted = (async () => {
    for (; !isDone; loopTurns++) await setImmediate();
  })();
  const seen = await Promise.all([inTurn(async () => loopTurns), inTurn(async () => loopTurns)]);
  isDone = true;
  await counted;
  expect((seen[1] ?? 0) - (seen[0] ?? 0)).toBeGreaterThanOrEqual(64);
});
