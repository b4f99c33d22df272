import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { createTurns } from "../../../src/backups/turns.ts";

test("work is done one after the other, a failure included, with room in between", async () => {
  const inTurn = createTurns();
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
