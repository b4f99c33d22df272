import { expect, it } from "vitest";
import { DirtyMark } from "../../src/dirty-mark.ts";

it("is written at once, in order, and only where it is another", async () => {
  const written: boolean[] = [];
  const waiting: (() => void)[] = [];
  const mark = new DirtyMark((dirty) => {
    written.push(dirty);
    return new Promise((resolve) => waiting.push(resolve));
  });
  await mark.settled();
  mark.set(true);
  mark.set(true);
  expect(written).toEqual([true]);
  mark.set(false);
  mark.set(true);
  mark.set(true);
  const settled = mark.settled();
  for (let i = 0; i < 3; i++) {
    while (waiting.length === 0) await Promise.resolve();
    waiting.shift()?.();
  }
  await settled;
  expect(written).toEqual([true, false, true]);
  mark.set(false);
  expect(written).toHaveLength(4);
});

it("that could not be written is written at the next change", async () => {
  const written: boolean[] = [];
  const mark = new DirtyMark(async (dirty) => {
    written.push(dirty);
    if (written.length === 1) throw new Error("disk full");
  });
  mark.set(true);
  await mark.settled();
  mark.set(true);
  await mark.settled();
  mark.set(true);
  expect(written).toEqual([true, true]);
});
