import { setImmediate } from "node:timers/promises";
import Sqlite, { type Database } from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WriteQueue } from "../../../src/store/write-queue.ts";

let db: Database;
let queue: WriteQueue;
/** Every statement that changes a transaction. */
let statements: string[];

beforeEach(() => {
  statements = [];
  db = new Sqlite(":memory:", {
    verbose: (sql) => {
      const [verb = ""] = String(sql).split(" ", 1);
      if (["BEGIN", "COMMIT", "ROLLBACK"].includes(verb)) statements.push(String(sql));
    },
  });
  db.exec("CREATE TABLE t (n INTEGER PRIMARY KEY CHECK (n < 1000))");
  queue = new WriteQueue(db);
});

const add = (n: number) => () => db.prepare("INSERT INTO t VALUES (?)").run(n).changes;
const numbers = () => db.prepare("SELECT n FROM t ORDER BY n").pluck().all();

test("jobs that wait together share one transaction", async () => {
  const jobs = Array.from({ length: 100 }, (_, n) => queue.run(add(n)));
  expect(await Promise.all(jobs)).toEqual(Array(100).fill(1));
  expect(statements).toEqual(["BEGIN IMMEDIATE", "COMMIT"]);
  expect(numbers()).toHaveLength(100);
});

test("a job that fails takes back what it did, and nothing of the others", async () => {
  const half = () => {
    add(50)();
    throw new RangeError("not this one");
  };
  const results = await Promise.allSettled([
    queue.run(add(1)),
    queue.run(half),
    queue.run(add(5000)),
    queue.run(add(2)),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  expect(results[1]).toMatchObject({ reason: new RangeError("not this one") });
  expect(numbers()).toEqual([1, 2]);
  expect(statements).toEqual(["BEGIN IMMEDIATE", "ROLLBACK TO job", "ROLLBACK TO job", "COMMIT"]);
});

test("no job is answered before the commit", async () => {
  const order: string[] = [];
  const first = queue.run(() => order.push("first runs")).then(() => order.push("first is answered"));
  const second = queue.run(() => order.push("second runs")).then(() => order.push("second is answered"));
  await Promise.all([first, second]);
  expect(order).toEqual(["first runs", "second runs", "first is answered", "second is answered"]);
});

test("a commit that fails fails every job, and the next ones work", async () => {
  db.exec("PRAGMA foreign_keys = ON");
  db.exec("CREATE TABLE child (n REFERENCES t(n) DEFERRABLE INITIALLY DEFERRED)");
  const orphan = () => db.prepare("INSERT INTO child VALUES (99)").run();
  const results = await Promise.allSettled([queue.run(add(1)), queue.run(orphan)]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(numbers()).toEqual([]);
  expect(await queue.run(add(2))).toBe(1);
});

test("a transaction that the database ends by itself fails every job", async () => {
  // What SQLite does where the disk is full.
  const full = () => {
    db.exec("ROLLBACK");
    throw Object.assign(new Error("disk full"), { code: "SQLITE_FULL" });
  };
  const results = await Promise.allSettled([queue.run(add(1)), queue.run(full), queue.run(add(2))]);
  for (const result of results) expect(result).toMatchObject({ reason: { code: "ERR_CB_STORE_UNAVAILABLE" } });
  expect(numbers()).toEqual([]);
  expect(await queue.run(add(3))).toBe(1);
});

test("closing runs what waits and refuses the rest", async () => {
  const waiting = queue.run(add(1));
  queue.close();
  expect(numbers()).toEqual([1]);
  expect(await waiting).toBe(1);
  await expect(queue.run(add(2))).rejects.toMatchObject({ code: "ERR_CB_STORE_UNAVAILABLE" });
});

test("a great crowd is served in several transactions, in order", async () => {
  const order: number[] = [];
  await Promise.all(Array.from({ length: 600 }, (_, n) => queue.run(() => order.push(n))));
  expect(order).toEqual(Array.from({ length: 600 }, (_, n) => n));
  expect(statements.filter((sql) => sql === "COMMIT")).toHaveLength(3);
});

test("jobs that take long leave room between them, and are all answered, in order", async () => {
  let now = 0;
  queue = new WriteQueue(db, { clock: () => now });
  const order: number[] = [];
  const jobs = [0, 1, 2].map(async (n) => {
    await queue.run(() => {
      now += 60;
      return add(n)();
    });
    order.push(n);
  });
  await Promise.all(jobs);
  expect(order).toEqual([0, 1, 2]);
  expect(statements).toEqual(Array(3).fill(["BEGIN IMMEDIATE", "COMMIT"]).flat());
  expect(numbers()).toEqual([0, 1, 2]);
});

describe("a job that is announced", () => {
  // Only what a test advances goes by; what the event loop hands over is real.
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  let now: number;
  const commits = () => statements.filter((sql) => sql === "COMMIT").length;
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn++) await setImmediate();
  };
  /** After this, transactions wait for as long as a COMMIT took: `ms`. */
  const commitTook = async (ms: number) => {
    now = 0;
    let calls = 0;
    // The clock is read when a transaction begins, after its job, and on both sides of the COMMIT.
    queue = new WriteQueue(db, {
      clock: () => {
        calls++;
        if (calls === 4) now += ms;
        return now;
      },
    });
    await queue.run(add(0));
    statements = [];
  };

  test("is waited for, and shares the transaction", async () => {
    await commitTook(10_000);
    const isThere = queue.announce();
    const first = queue.run(add(1));
    await turns(5);
    expect(commits()).toBe(0);
    const second = queue.run(add(2));
    isThere();
    await Promise.all([first, second]);
    expect(commits()).toBe(1);
  });

  test("is waited for until it will not come", async () => {
    await commitTook(10_000);
    const [one, two] = [queue.announce(), queue.announce()];
    const first = queue.run(add(1));
    await turns(5);
    one();
    await turns(5);
    expect(commits()).toBe(0);
    two();
    expect(await first).toBe(1);
  });

  test("is not waited for longer than the last commit took", async () => {
    await commitTook(7);
    queue.announce();
    const [soon, first] = [queue.announce(), queue.run(add(1))];
    await turns(5);
    expect(commits()).toBe(0);
    now += 7;
    soon();
    expect(await first).toBe(1);
  });

  test("is not waited for forever where nothing else happens", async () => {
    await commitTook(10_000);
    queue.announce();
    const first = queue.run(add(1));
    await turns(5);
    vi.advanceTimersByTime(19);
    await turns(5);
    expect(commits()).toBe(0);
    // The clock stands still: only the timer can end it.
    vi.advanceTimersByTime(1);
    expect(await first).toBe(1);
  });

  test("keeps nobody from closing", async () => {
    await commitTook(10_000);
    queue.announce();
    const first = queue.run(add(1));
    await turns(5);
    queue.close();
    expect(await first).toBe(1);
  });
});

test("one transaction takes as many jobs as it is told", async () => {
  queue = new WriteQueue(db, { maxJobsPerTransaction: 1 });
  await Promise.all([1, 2, 3].map((n) => queue.run(add(n))));
  expect(statements).toEqual(Array(3).fill(["BEGIN IMMEDIATE", "COMMIT"]).flat());
});
