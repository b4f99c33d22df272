import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ProblemError } from "../../../src/errors.ts";
import type { Standing } from "../../../src/events/stream.ts";
import { EventStreams, STREAM_LIMITS, type Watcher } from "../../../src/events/streams.ts";

const MINUTE_MS = 60_000;
const standing = (revision: number): Standing => ({ revision, sha256: revision.toString(16).padStart(64, "0") });
const event = (revision: number) =>
  `id: ${revision}\nevent: revision\ndata: {"revision":${revision},"sha256":"${standing(revision).sha256}"}\n\n`;

let streams: EventStreams;
let now: Standing | null | "ended";
let errors: unknown[];
let cuts: number;
beforeEach(() => {
  vi.useFakeTimers();
  streams = new EventStreams();
  [now, errors, cuts] = [standing(1), [], 0];
});
afterEach(() => void vi.useRealTimers());

function open(watcher: Partial<Watcher> = {}) {
  const { body } = streams.open({
    session: "s",
    user: "u",
    wallet: "w",
    look: async () => now,
    onError: (error) => errors.push(error),
    cut: () => cuts++,
    ...watcher,
  });
  let text = "";
  let isEnded = false;
  return {
    body,
    read: () => {
      body.on("data", (data: Buffer) => {
        text += data;
      });
      body.on("end", () => {
        isEnded = true;
      });
    },
    /** What was read since the last time. */
    taken: async () => {
      await vi.advanceTimersByTimeAsync(0);
      const taken = text;
      text = "";
      return taken;
    },
    isEnded: () => isEnded,
  };
}

const opened = () => {
  const stream = open();
  stream.read();
  return stream;
};

describe("a stream of events", () => {
  test("begins with where the wallet stands, and tells each standing once", async () => {
    const stream = opened();
    expect(await stream.taken()).toBe(`:\n\n${event(1)}`);
    streams.tell({ wallet: "w" });
    expect(await stream.taken()).toBe("");
    now = standing(2);
    expect(await stream.taken()).toBe("");
    streams.tell({ wallet: "another" });
    streams.tell({ user: "another" });
    expect(await stream.taken()).toBe("");
    streams.tell({ wallet: "w" });
    expect(await stream.taken()).toBe(event(2));
  });

  test("says that it is there where there is no backup", async () => {
    now = null;
    expect(await opened().taken()).toBe(":\n\n");
  });

  test("looks again where something changes during a look", async () => {
    const waiting: ((found: Standing) => void)[] = [];
    const stream = open({ look: () => new Promise((resolve) => waiting.push(resolve)) });
    stream.read();
    streams.tell({ wallet: "w" });
    streams.tell({ wallet: "w" });
    waiting[0]?.(standing(1));
    expect(await stream.taken()).toBe(`:\n\n${event(1)}`);
    waiting[1]?.(standing(3));
    expect(await stream.taken()).toBe(event(3));
    expect(waiting).toHaveLength(2);
  });

  test("finds at its heartbeat what another process did", async () => {
    const stream = opened();
    await stream.taken();
    now = standing(2);
    await vi.advanceTimersByTimeAsync(MINUTE_MS / 2);
    expect(await stream.taken()).toBe(`:\n\n${event(2)}`);
    await vi.advanceTimersByTimeAsync(MINUTE_MS / 2);
    expect(await stream.taken()).toBe(":\n\n");
  });

  test("ends with its session or wallet, when told and at its heartbeat", async () => {
    const [told, silent] = [opened(), opened()];
    await told.taken();
    now = "ended";
    streams.tell({ user: "u" });
    await vi.advanceTimersByTimeAsync(0);
    expect([told.isEnded(), silent.isEnded(), streams.size]).toEqual([true, true, 0]);

    now = standing(1);
    const late = opened();
    await late.taken();
    now = "ended";
    await vi.advanceTimersByTimeAsync(MINUTE_MS / 2);
    expect([late.isEnded(), streams.size]).toEqual([true, 0]);
  });

  test("ends where the store fails, and says so", async () => {
    const failure = new Error("busy");
    const stream = open({ look: () => Promise.reject(failure) });
    stream.read();
    await stream.taken();
    expect([stream.isEnded(), errors, streams.size]).toEqual([true, [failure], 0]);
  });

  test("is cut off where its reader does not read, before it takes more than some kilobytes", async () => {
    const stream = open();
    for (let revision = 1; revision < 100 && !stream.body.destroyed; revision++) {
      now = standing(revision);
      streams.tell({ wallet: "w" });
      await vi.advanceTimersByTimeAsync(0);
      expect(stream.body.readableLength).toBeLessThan(5_000);
    }
    expect([stream.body.destroyed, streams.size]).toEqual([true, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("keeps nothing of a reader that has gone", async () => {
    const stream = opened();
    await stream.taken();
    stream.body.destroy();
    await vi.advanceTimersByTimeAsync(0);
    expect([streams.size, vi.getTimerCount()]).toEqual([0, 0]);
    streams.tell({ wallet: "w" });
  });
});

describe("no more than", () => {
  const problemOf = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      return error as ProblemError;
    }
    throw new Error("there was room");
  };

  test.each([
    ["8 for a session", 8, () => ({})],
    ["32 for a user", 32, (i: number) => ({ session: `s${i}` })],
    ["4096 in all", 4096, (i: number) => ({ session: `s${i}`, user: `u${i}` })],
  ])("%s", async (_, limit, watcherOf) => {
    expect(Object.values(STREAM_LIMITS)).toContain(limit);
    const all = Array.from({ length: limit }, (_, i) => open(watcherOf(i)));
    const problem = problemOf(() => open(watcherOf(limit)));
    expect(problem).toBeInstanceOf(ProblemError);
    expect([problem.code, problem.status, problem.headers]).toEqual(["too-many-streams", 429, { "retry-after": "60" }]);
    if (limit < 4096) open({ session: "another", user: "another" });
    all[0]?.body.destroy();
    await vi.advanceTimersByTimeAsync(0);
    open(watcherOf(limit));
  });
});

test("closing ends all, cuts off who does not take the end, and takes no more", async () => {
  const [reading, stuck] = [opened(), open()];
  await reading.taken();
  streams.close();
  await vi.advanceTimersByTimeAsync(0);
  expect([reading.isEnded(), stuck.body.readableEnded, streams.size]).toEqual([true, false, 1]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(cuts).toBe(2);
  expect(() => open()).toThrow(ProblemError);
});
