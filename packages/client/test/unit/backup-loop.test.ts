import { beforeEach, describe, expect, it } from "vitest";
import type { AutoBackup, AutoBackupOptions } from "../../src/auto-backup.ts";
import { RateLimitedError, RevisionConflictError, UnreachableError, WouldShrinkError } from "../../src/errors.ts";
import { settle } from "../support/fake-clock.ts";
import { contentOf, FakeWallet, receiptOf } from "../support/fake-wallet.ts";

const MINUTE_MS = 60_000;
const unreachable = () => new UnreachableError("no network");

let wallet: FakeWallet;
beforeEach(() => {
  wallet = new FakeWallet();
});

async function started(options?: Partial<AutoBackupOptions>): Promise<AutoBackup> {
  const auto = wallet.start(options);
  await settle();
  return auto;
}

async function change(auto: AutoBackup): Promise<void> {
  wallet.change();
  auto.changed();
  await settle();
}

/** Lets every try fail that comes within that time. */
async function fail(ms: number): Promise<void> {
  const end = wallet.clock.now() + ms;
  while (wallet.clock.now() < end) {
    if (wallet.underWay > 0) await wallet.last.fail(unreachable());
    await wallet.clock.advance(Math.min(1_000, end - wallet.clock.now()));
  }
  if (wallet.underWay > 0) await wallet.last.fail(unreachable());
}

describe("since when something is not stored", () => {
  it("is when the first such change was told", async () => {
    const auto = await started();
    const first = wallet.clock.now();
    await change(auto);
    await wallet.clock.advance(500);
    await change(auto);
    await fail(MINUTE_MS);
    expect(auto.status).toMatchObject({ unsavedSince: new Date(first), storedAt: new Date(0) });
    expect(wallet.dirtySince).toBe(first);
  });

  it("moves on to the first change that a backup does not hold", async () => {
    const auto = await started();
    await change(auto);
    await wallet.clock.advance(1_000);
    await wallet.clock.advance(700);
    const second = wallet.clock.now();
    await change(auto);
    await wallet.clock.advance(700);
    await change(auto);
    await wallet.last.succeed();
    expect(auto.status).toMatchObject({ state: "dirty", unsavedSince: new Date(second) });
    expect(wallet.dirtySince).toBe(second);
    await wallet.clock.advance(1_000);
    await wallet.last.succeed();
    expect(auto.status).toMatchObject({ state: "idle", unsavedSince: undefined });
    expect(wallet.dirtySince).toBeUndefined();
  });

  it("is kept where a process ends, also by a change right after the next start", async () => {
    const auto = await started();
    await change(auto);
    const first = wallet.dirtySince as number;
    auto.close();
    await wallet.clock.advance(MINUTE_MS);
    const next = wallet.start();
    next.changed();
    await settle();
    expect(next.status.unsavedSince).toEqual(new Date(first));
    expect(wallet.dirtySince).toBe(first);
  });
});

describe("what waits too long", () => {
  it("is overdue after 30 minutes, though nothing else happens", async () => {
    const states: string[] = [];
    const auto = await started({ onStatus: ({ state }) => states.push(state) });
    auto.pause();
    await change(auto);
    await wallet.clock.advance(30 * MINUTE_MS - 1);
    expect(auto.status.state).toBe("paused");
    await wallet.clock.advance(1);
    expect(auto.status).toMatchObject({ state: "overdue", error: undefined });
    expect(states.at(-1)).toBe("overdue");
    await wallet.clock.advance(30 * MINUTE_MS);
    expect(states.filter((state) => state === "overdue")).toHaveLength(1);
  });

  it("is overdue again after each further try that fails, with its error, until it is stored", async () => {
    const auto = await started({ overdueMs: 2 * MINUTE_MS });
    await change(auto);
    await fail(2 * MINUTE_MS - 1);
    expect(auto.status.state).toBe("failed");
    await fail(1);
    expect(auto.status).toMatchObject({ state: "overdue", error: { code: "ERR_CB_UNREACHABLE" } });
    await wallet.clock.advance((auto.status.retryAt as Date).getTime() - wallet.clock.now());
    expect(auto.status.state).toBe("saving");
    const error = unreachable();
    await wallet.last.fail(error);
    expect(auto.status).toMatchObject({ state: "overdue", error });
    await change(auto);
    expect(auto.status.state).toBe("overdue");
    await wallet.clock.advance((auto.status.retryAt as Date).getTime() - wallet.clock.now());
    await wallet.last.succeed();
    expect(auto.status).toMatchObject({ state: "idle", unsavedSince: undefined });
  });

  it("is overdue at a restart that finds it", async () => {
    wallet.dirtySince = wallet.clock.now() - 31 * MINUTE_MS;
    wallet.online = false;
    const auto = await started();
    expect(auto.status.state).toBe("overdue");
    await wallet.goes(true);
    await wallet.last.fail(new WouldShrinkError(["a"], []));
    expect(auto.status).toMatchObject({ state: "overdue", error: { code: "ERR_CB_WOULD_SHRINK" } });
    auto.close();
    expect(wallet.clock.waiting).toEqual([]);
  });

  it("is still a conflict where that keeps it from being stored", async () => {
    const auto = await started();
    await change(auto);
    await wallet.clock.advance(1_000);
    await wallet.last.fail(new RevisionConflictError(2));
    for (let look = 0; look < 7; look++) {
      await wallet.clock.advance(5 * MINUTE_MS);
      await wallet.last.fail(new RevisionConflictError(2));
      expect(auto.status.state).toBe("conflict");
    }
  });

  it("is no longer overdue when a newer change alone waits", async () => {
    const auto = await started({ overdueMs: MINUTE_MS });
    await change(auto);
    await wallet.clock.advance(1_000);
    await wallet.clock.advance(MINUTE_MS);
    await change(auto);
    expect(auto.status.state).toBe("saving");
    await wallet.last.succeed();
    expect(auto.status.state).toBe("dirty");
  });

  it("keeps no process alive", async () => {
    const auto = await started();
    auto.pause();
    await change(auto);
    expect(wallet.clock.waiting).toEqual(["background"]);
  });
});

describe("without a network", () => {
  it("nothing is tried by itself; what waits is tried at once when there is one", async () => {
    const auto = await started();
    await wallet.goes(false);
    expect(auto.status.state).toBe("idle");
    await change(auto);
    expect(auto.status).toMatchObject({ state: "offline", retryAt: undefined });
    await wallet.clock.advance(29 * MINUTE_MS);
    expect(wallet.attempts).toHaveLength(0);
    expect(auto.status.state).toBe("offline");
    await wallet.goes(true);
    expect(auto.status.state).toBe("saving");
    await wallet.last.succeed();
    expect(auto.status.state).toBe("idle");
  });

  it("a look finds changes of which nobody told, and leaves them", async () => {
    wallet.online = false;
    wallet.content = 5;
    const auto = await started();
    expect(auto.status.state).toBe("offline");
    expect(wallet.attempts).toHaveLength(0);
  });

  it("what waits for quiet or for its next try lets go of it", async () => {
    const auto = await started();
    await change(auto);
    await wallet.goes(false);
    expect(auto.status.state).toBe("offline");
    await wallet.clock.advance(MINUTE_MS);
    expect(wallet.attempts).toHaveLength(0);
    await wallet.goes(true);
    await wallet.last.fail(unreachable());
    expect(auto.status.retryAt).toBeInstanceOf(Date);
    await wallet.goes(false);
    expect(auto.status).toMatchObject({ state: "offline", retryAt: undefined });
    await wallet.clock.advance(MINUTE_MS);
    expect(wallet.attempts).toHaveLength(1);
  });

  it("of which the platform tells no change, a try finds it", async () => {
    const auto = await started();
    await change(auto);
    wallet.online = false;
    await wallet.clock.advance(1_000);
    expect(wallet.attempts).toHaveLength(0);
    expect(auto.status.state).toBe("offline");
    wallet.online = true;
    await wallet.clock.advance(5 * MINUTE_MS);
    expect(wallet.attempts).toHaveLength(1);
  });

  it("who asks has it tried, since the platform may err", async () => {
    wallet.online = false;
    const auto = await started();
    const stored = auto.durable();
    await settle();
    await wallet.last.fail(unreachable());
    expect(auto.status).toMatchObject({ state: "offline", retryAt: undefined });
    await wallet.clock.advance(10 * MINUTE_MS);
    expect(wallet.attempts).toHaveLength(1);
    await wallet.goes(true);
    await wallet.last.succeed();
    expect(await stored).toEqual(receiptOf(1));
  });

  it("the time that the server asked for is kept when there is one again", async () => {
    const auto = await started();
    await change(auto);
    await wallet.clock.advance(1_000);
    const answer = { status: 429, code: "slow", members: {}, retryAfterMs: 20 * MINUTE_MS };
    await wallet.last.fail(new RateLimitedError(answer));
    await wallet.goes(false);
    await wallet.clock.advance(5 * MINUTE_MS);
    await wallet.goes(true);
    expect(auto.status.state).toBe("failed");
    await wallet.clock.advance(15 * MINUTE_MS - 1);
    expect(wallet.attempts).toHaveLength(1);
    await wallet.clock.advance(1);
    expect(wallet.attempts).toHaveLength(2);
  });

  it("a pause stays one", async () => {
    const auto = await started();
    auto.pause();
    await change(auto);
    await wallet.goes(false);
    expect(auto.status.state).toBe("paused");
    await wallet.goes(true);
    expect(wallet.attempts).toHaveLength(0);
  });
});

it("tries at once for who came while the last try of a paused backup ended", async () => {
  const auto = await started();
  auto.pause();
  const first = auto.flush();
  await settle();
  let second: Promise<unknown> | undefined;
  const seen = first.then(() => {
    wallet.change();
    second = auto.flush();
  });
  await wallet.last.succeed();
  await seen;
  await settle();
  expect(contentOf(wallet.last.dump)).toBe(1);
  await wallet.last.succeed();
  expect(await second).toEqual(receiptOf(2));
});
