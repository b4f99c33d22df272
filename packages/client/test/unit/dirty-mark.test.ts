import { expect, it } from "vitest";
import { DirtyMark } from "../../src/dirty-mark.ts";
import { settle } from "../support/fake-clock.ts";

type Written = number | undefined;

it("is written at once, and only where it is another", async () => {
  const written: Written[] = [];
  const waiting: (() => void)[] = [];
  const mark = new DirtyMark({
    dirtySince: async () => undefined,
    setDirty(since) {
      written.push(since);
      return new Promise((resolve) => waiting.push(() => resolve(since)));
    },
  });
  const done = async () => {
    waiting.shift()?.();
    await settle();
  };
  await mark.settled();
  await mark.load();
  mark.set(undefined);
  expect(written).toEqual([]);
  mark.set(1);
  mark.set(1);
  expect(written).toEqual([1]);
  // What is meanwhile told ends in what is last.
  mark.set(undefined);
  mark.set(2);
  await done();
  expect(written).toEqual([1, 2]);
  mark.set(undefined);
  const settled = mark.settled();
  await done();
  expect(written).toEqual([1, 2, undefined]);
  await done();
  await settled;
  expect(mark.since).toBeUndefined();
  mark.set(3);
  expect(written).toHaveLength(4);
});

it("that could not be written is written at the next change", async () => {
  const written: Written[] = [];
  const mark = new DirtyMark({
    dirtySince: async () => undefined,
    async setDirty(since) {
      written.push(since);
      if (written.length === 1) throw new Error("disk full");
      return since;
    },
  });
  mark.set(1);
  await mark.settled();
  mark.set(1);
  await mark.settled();
  mark.set(1);
  expect(written).toEqual([1, 1]);
});

it("of a process before is kept, be it read first or found when the first is written", async () => {
  for (const readsFirst of [true, false]) {
    let kept: Written = 5;
    const mark = new DirtyMark({
      dirtySince: async () => kept,
      async setDirty(since, keepsEarlier) {
        kept = keepsEarlier ? Math.min(kept as number, since as number) : since;
        return kept;
      },
    });
    if (readsFirst) await mark.load();
    mark.set(mark.since ?? 7);
    await mark.settled();
    expect(mark.since).toBe(5);
    expect(kept).toBe(5);
    mark.set(9);
    await mark.settled();
    expect(kept).toBe(9);
  }
});

it("that cannot be read says so, and is read the next time", async () => {
  let isBroken = true;
  const mark = new DirtyMark({
    async dirtySince() {
      if (isBroken) throw new Error("disk broken");
      return 5;
    },
    setDirty: async (since) => since,
  });
  await expect(mark.load()).rejects.toThrow("disk broken");
  isBroken = false;
  await mark.load();
  expect(mark.since).toBe(5);
});
