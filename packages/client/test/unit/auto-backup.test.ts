import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AutoBackup, AutoBackupOptions } from "../../src/auto-backup.ts";
import type { AutoStatus } from "../../src/auto-status.ts";
import { RateLimitedError, RevisionConflictError, UnreachableError, WouldShrinkError } from "../../src/errors.ts";
import { errorOf } from "../support/errors.ts";
import { settle } from "../support/fake-clock.ts";
import { contentOf, FakeWallet, receiptOf } from "../support/fake-wallet.ts";

const MINUTE_MS = 60_000;

const unreachable = () => new UnreachableError("no network");

let wallet: FakeWallet;
beforeEach(() => {
  wallet = new FakeWallet();
});

/** Started, looked around, and idle. */
async function idle(options?: Partial<AutoBackupOptions>): Promise<AutoBackup> {
  const auto = wallet.start(options);
  await settle();
  expect(auto.status.state).toBe("idle");
  return auto;
}

async function change(auto: AutoBackup): Promise<void> {
  wallet.change();
  auto.changed();
  await settle();
}

describe("a change", () => {
  it("is backed up a quiet second later, once", async () => {
    const auto = await idle();
    await change(auto);
    expect(auto.status).toMatchObject({ state: "dirty" });
    await wallet.clock.advance(999);
    expect(wallet.attempts).toHaveLength(0);
    await wallet.clock.advance(1);
    expect(auto.status.state).toBe("saving");
    await wallet.last.succeed();
    expect(auto.status).toEqual({
      state: "idle",
      storedAt: receiptOf(1).storedAt,
      unsavedSince: undefined,
      progress: undefined,
      error: undefined,
      retryAt: undefined,
      receipt: receiptOf(1),
    });
    await wallet.clock.advance(4 * MINUTE_MS);
    expect(wallet.attempts).toHaveLength(1);
  });

  it("waits for quiet, ten seconds after the first at most", async () => {
    const auto = await idle();
    for (let tenth = 0; tenth < 19; tenth++) {
      await change(auto);
      await wallet.clock.advance(500);
    }
    await change(auto);
    expect(wallet.attempts).toHaveLength(0);
    await wallet.clock.advance(500);
    expect(wallet.attempts).toHaveLength(1);
    expect(contentOf(wallet.last.dump)).toBe(20);
  });

  it("is marked in the storage before anything else", async () => {
    const auto = await idle();
    wallet.change();
    auto.changed();
    expect(wallet.log).toEqual(["dirty true"]);
    await wallet.clock.advance(1_000);
    await wallet.last.succeed();
    expect(wallet.log).toEqual(["dirty true", "backup 1", "dirty false"]);
  });

  it("is backed up although the storage takes no marks", async () => {
    const setDirty = () => Promise.reject(new Error("disk full"));
    const auto = wallet.start({}, { setDirty, backup: async () => receiptOf(9) });
    expect(await auto.flush()).toEqual(receiptOf(9));
    auto.close();
  });

  it("meanwhile, be there many, causes exactly one more, and never two at once", async () => {
    const auto = await idle();
    await change(auto);
    await wallet.clock.advance(1_000);
    for (let i = 0; i < 5; i++) await change(auto);
    await wallet.clock.advance(30_000);
    expect(wallet.attempts).toHaveLength(1);
    await wallet.last.succeed();
    expect(wallet.dirty).toBe(true);
    // Their quiet second has passed.
    expect(wallet.attempts).toHaveLength(2);
    expect(contentOf(wallet.last.dump)).toBe(6);
    await wallet.last.succeed();
    await wallet.clock.advance(30_000);
    expect(wallet.attempts).toHaveLength(2);
    expect(wallet.mostUnderWay).toBe(1);
    expect(wallet.dirty).toBe(false);
  });

  it("within read() is not taken for stored", async () => {
    const auto = await idle();
    wallet.read.mockImplementationOnce(async () => {
      const dump = wallet.dump(wallet.content);
      wallet.change();
      auto.changed();
      return dump;
    });
    await change(auto);
    await wallet.clock.advance(1_000);
    await wallet.last.succeed();
    expect(auto.status.state).toBe("dirty");
    await wallet.clock.advance(1_000);
    expect(contentOf(wallet.last.dump)).toBe(2);
  });
});

describe("a look", () => {
  it("at start finds what a process before has marked and not stored", async () => {
    wallet.dirtySince = wallet.clock.now();
    wallet.start();
    await settle();
    expect(wallet.attempts).toHaveLength(1);
    await wallet.last.succeed();
    expect(wallet.dirty).toBe(false);
  });

  it("at start finds what nobody marked", async () => {
    wallet.content = 5;
    wallet.start();
    await settle();
    expect(wallet.attempts).toHaveLength(1);
    expect(contentOf(wallet.last.dump)).toBe(5);
  });

  it("every five minutes finds a forgotten changed()", async () => {
    const auto = await idle();
    wallet.change();
    await wallet.clock.advance(5 * MINUTE_MS - 1);
    expect(wallet.attempts).toHaveLength(0);
    await wallet.clock.advance(1);
    expect(wallet.attempts).toHaveLength(1);
    await wallet.last.succeed();
    wallet.change();
    await wallet.clock.advance(5 * MINUTE_MS);
    expect(wallet.attempts).toHaveLength(2);
    await wallet.last.succeed();
    expect(auto.status.state).toBe("idle");
  });

  it("whose read() throws is a visible failure, and the next one mends it", async () => {
    wallet.read.mockImplementationOnce(() => {
      throw new Error("locked");
    });
    const auto = wallet.start();
    await settle();
    expect(auto.status).toMatchObject({ state: "failed", error: new Error("locked"), retryAt: undefined });
    await wallet.clock.advance(5 * MINUTE_MS);
    expect(auto.status).toMatchObject({ state: "idle", error: undefined });
  });

  it("that fails does not disturb who waits for a backup meanwhile", async () => {
    let refuse: (error: Error) => void = () => undefined;
    wallet.read.mockImplementationOnce(
      () =>
        new Promise((_, reject) => {
          refuse = reject;
        }),
    );
    const auto = wallet.start();
    await settle();
    const stored = auto.flush();
    await settle();
    refuse(new Error("locked"));
    await settle();
    expect(auto.status.state).toBe("saving");
    await wallet.last.succeed();
    expect(await stored).toEqual(receiptOf(1));
  });
});

describe("a failure", () => {
  it("that passes is tried again, ever later, and seen", async () => {
    const seen: AutoStatus[] = [];
    const auto = await idle({ onStatus: (status) => seen.push(status) });
    await change(auto);
    await wallet.clock.advance(1_000);
    for (const waitMs of [1_000, 2_000, 4_000, 8_000]) {
      const attempts = wallet.attempts.length;
      const error = unreachable();
      await wallet.last.fail(error);
      expect(auto.status).toMatchObject({ state: "failed", error, retryAt: new Date(wallet.clock.now() + waitMs) });
      await wallet.clock.advance(waitMs - 1);
      expect(wallet.attempts).toHaveLength(attempts);
      await wallet.clock.advance(1);
      expect(wallet.attempts).toHaveLength(attempts + 1);
      expect(auto.status).toMatchObject({ state: "saving", retryAt: undefined });
    }
    await wallet.last.succeed();
    expect(auto.status).toMatchObject({ state: "idle", error: undefined });
    expect(seen.map(({ state }) => state).join(" ")).toMatch(/^idle dirty saving (failed saving ){4}idle$/);
  });

  it("is not tried more often because the wallet changes meanwhile", async () => {
    const auto = await idle();
    await change(auto);
    await wallet.clock.advance(1_000);
    for (let i = 0; i < 8; i++) {
      await wallet.last.fail(unreachable());
      await wallet.clock.advance((auto.status.retryAt as Date).getTime() - wallet.clock.now());
    }
    await wallet.last.fail(unreachable());
    const { length } = wallet.attempts;
    for (let second = 0; second < 60; second++) {
      await change(auto);
      await wallet.clock.advance(1_000);
    }
    expect(wallet.attempts).toHaveLength(length);
    expect(auto.status.state).toBe("failed");
  });

  it("is not tried before the server's time, not even by the look every five minutes", async () => {
    const auto = await idle();
    await change(auto);
    await wallet.clock.advance(1_000);
    const answer = { status: 429, code: "slow", members: {}, retryAfterMs: 60 * MINUTE_MS };
    await wallet.last.fail(new RateLimitedError(answer));
    await wallet.clock.advance(60 * MINUTE_MS - 1);
    expect(wallet.attempts).toHaveLength(1);
    await wallet.clock.advance(1);
    expect(wallet.attempts).toHaveLength(2);
  });

  it("that only a person mends ends the waiting, is seen, and is looked at again in five minutes", async () => {
    const auto = await idle();
    wallet.change();
    const stored = errorOf(auto.durable());
    await settle();
    const error = new WouldShrinkError(["a"], []);
    await wallet.last.fail(error);
    expect(await stored).toBe(error);
    expect(auto.status).toMatchObject({ state: "failed", error, retryAt: undefined });
    expect(wallet.dirty).toBe(true);
    await wallet.clock.advance(4 * MINUTE_MS);
    expect(wallet.attempts).toHaveLength(1);
    await wallet.clock.advance(MINUTE_MS);
    expect(wallet.attempts).toHaveLength(2);
  });

  it("that only a person mends is tried again after the next change, also one that came meanwhile", async () => {
    const auto = await idle();
    await change(auto);
    await wallet.clock.advance(1_000);
    await change(auto);
    await wallet.last.fail(new WouldShrinkError(["a"], []));
    expect(auto.status.state).toBe("dirty");
    await wallet.clock.advance(1_000);
    expect(wallet.attempts).toHaveLength(2);
    await wallet.last.fail(new WouldShrinkError(["a"], []));
    expect(auto.status.state).toBe("failed");
    await change(auto);
    await wallet.clock.advance(1_000);
    expect(wallet.attempts).toHaveLength(3);
  });

  it("by another device is a conflict", async () => {
    const auto = await idle();
    await change(auto);
    await wallet.clock.advance(1_000);
    await wallet.last.fail(new RevisionConflictError(7));
    expect(auto.status).toMatchObject({ state: "conflict", error: { currentRevision: 7 } });
  });

  it("of read() is seen, and does not end the backups", async () => {
    const auto = await idle();
    wallet.read.mockImplementationOnce(() => Promise.reject(new Error("locked")));
    await change(auto);
    await wallet.clock.advance(1_000);
    expect(auto.status).toMatchObject({ state: "failed", error: new Error("locked") });
    await change(auto);
    await wallet.clock.advance(1_000);
    await wallet.last.succeed();
    expect(auto.status.state).toBe("idle");
  });

  it.each([
    () => {
      throw new Error("broken view");
    },
    () => Promise.reject(new Error("broken view")),
  ])("of onStatus changes nothing", async (onStatus) => {
    const auto = await idle({ onStatus: onStatus as () => void });
    await change(auto);
    await wallet.clock.advance(1_000);
    await wallet.last.succeed();
    expect(auto.status.state).toBe("idle");
  });
});

describe("durable and flush", () => {
  it("begin at once, and resolve with the receipt of the backup that holds the wallet as it was", async () => {
    const auto = await idle();
    wallet.change();
    const stored = auto.durable();
    await settle();
    expect(contentOf(wallet.last.dump)).toBe(1);
    await wallet.last.succeed();
    expect(await stored).toEqual(receiptOf(1));
  });

  it("resolve only for a backup whose read() came after the call", async () => {
    const auto = await idle();
    await change(auto);
    await wallet.clock.advance(1_000);
    wallet.change();
    const resolved = vi.fn();
    const stored = auto.flush().then(resolved);
    await wallet.last.succeed();
    expect(resolved).not.toHaveBeenCalled();
    expect(contentOf(wallet.last.dump)).toBe(2);
    await wallet.last.succeed();
    await stored;
    expect(resolved).toHaveBeenCalledWith(receiptOf(2));
    expect(wallet.mostUnderWay).toBe(1);
  });

  it("share a backup that holds what each of them waits for", async () => {
    const auto = await idle();
    const stored = Promise.all([auto.durable(), auto.flush(), auto.durable()]);
    await settle();
    await wallet.last.succeed();
    expect(await stored).toEqual([receiptOf(1), receiptOf(1), receiptOf(1)]);
  });

  it("wait on while the server cannot be reached", async () => {
    const auto = await idle();
    const stored = auto.durable();
    await settle();
    await wallet.last.fail(unreachable());
    await wallet.clock.advance(1_000);
    await wallet.last.succeed();
    expect(await stored).toEqual(receiptOf(1));
  });

  it("try at once where a retry waits", async () => {
    const auto = await idle();
    await change(auto);
    await wallet.clock.advance(1_000);
    await wallet.last.fail(unreachable());
    const stored = auto.flush();
    await settle();
    await wallet.last.succeed();
    expect(await stored).toEqual(receiptOf(1));
    await wallet.clock.advance(MINUTE_MS);
    expect(wallet.attempts).toHaveLength(2);
  });

  it("keep their options through a retry, and through a later call without", async () => {
    const auto = await idle();
    const stored = [auto.flush({ allowShrink: true }), auto.durable(), auto.flush({ remove: ["labels"] })];
    await settle();
    expect(wallet.last.options).toMatchObject({ allowShrink: true, remove: ["labels"] });
    await wallet.last.fail(unreachable());
    await wallet.clock.advance(1_000);
    expect(wallet.last.options).toMatchObject({ allowShrink: true, remove: ["labels"] });
    await wallet.last.succeed();
    await Promise.all(stored);
    await change(auto);
    await wallet.clock.advance(1_000);
    expect(wallet.last.options.allowShrink ?? false).toBe(false);
    expect(wallet.last.options.remove ?? []).toEqual([]);
  });

  it("called while a backup fails for good, are tried with their own options", async () => {
    const auto = await idle();
    const first = errorOf(auto.flush());
    await settle();
    const second = auto.flush({ allowShrink: true });
    await wallet.last.fail(new WouldShrinkError(["a"], []));
    expect(await first).toBeInstanceOf(WouldShrinkError);
    expect(wallet.last.options.allowShrink).toBe(true);
    await wallet.last.succeed();
    expect(await second).toEqual(receiptOf(1));
  });

  it("refuse unknown options", async () => {
    const auto = await idle();
    await expect(auto.flush({ force: true } as object)).rejects.toThrow(TypeError);
  });
});

describe("durable", () => {
  it("refuses more servers than there are, and none at all", async () => {
    const auto = await idle();
    for (const servers of [2, 0, 1.5]) await expect(auto.durable({ servers })).rejects.toThrow(RangeError);
    await expect(auto.durable({ server: 1 } as object)).rejects.toThrow(TypeError);
    expect(auto.status.state).toBe("idle");
  });

  it("asks for as many as any of those wants who wait", async () => {
    const auto = wallet.start({}, { servers: 3 });
    await settle();
    const stored = [auto.durable({ servers: 2 }), auto.durable({ servers: 3 }), auto.durable()];
    await settle();
    expect(wallet.last.options.servers).toBe(3);
    await wallet.last.succeed();
    await Promise.all(stored);
    await change(auto);
    await wallet.clock.advance(1_000);
    expect(wallet.last.options.servers ?? 1).toBe(1);
  });

  it.each(["durable", "flush"] as const)("ends %s() at the caller's wish, and not the backup", async (call) => {
    const auto = await idle();
    const controller = new AbortController();
    const waited = errorOf(auto[call]({ signal: controller.signal }));
    const stored = auto.durable();
    await settle();
    controller.abort(new Error("enough"));
    expect(await waited).toEqual(new Error("enough"));
    expect(auto.status.state).toBe("saving");
    await wallet.last.succeed();
    expect(await stored).toEqual(receiptOf(1));
    await expect(auto[call]({ signal: controller.signal })).rejects.toThrow("enough");
    expect(auto.status.state).toBe("idle");
  });
});

describe("pause", () => {
  it("starts nothing, marks changes, and resume finds them", async () => {
    const auto = await idle();
    auto.pause();
    await change(auto);
    expect(auto.status.state).toBe("paused");
    expect(wallet.dirty).toBe(true);
    await wallet.clock.advance(60 * MINUTE_MS);
    expect(wallet.attempts).toHaveLength(0);
    auto.resume();
    await settle();
    expect(wallet.attempts).toHaveLength(1);
    await wallet.last.succeed();
    expect(auto.status.state).toBe("idle");
  });

  it("lets a change go that waits for quiet, and one that waits for a retry", async () => {
    const auto = await idle();
    await change(auto);
    auto.pause();
    await wallet.clock.advance(MINUTE_MS);
    expect(wallet.attempts).toHaveLength(0);
    auto.resume();
    await settle();
    await wallet.last.fail(unreachable());
    auto.pause();
    expect(auto.status).toMatchObject({ state: "paused", retryAt: undefined });
    await wallet.clock.advance(60 * MINUTE_MS);
    expect(wallet.attempts).toHaveLength(1);
    auto.resume();
    await settle();
    expect(wallet.attempts).toHaveLength(2);
  });

  it("lets the backup under way end", async () => {
    const auto = await idle();
    await change(auto);
    await wallet.clock.advance(1_000);
    auto.pause();
    await change(auto);
    expect(auto.status.state).toBe("saving");
    await wallet.last.succeed();
    expect(auto.status.state).toBe("paused");
    await wallet.clock.advance(60 * MINUTE_MS);
    expect(wallet.attempts).toHaveLength(1);
  });

  it("is kept by flush(), which tries once; what failed is tried again on resume()", async () => {
    const auto = await idle();
    auto.pause();
    const stored = auto.flush();
    await settle();
    await wallet.last.fail(unreachable());
    expect(auto.status).toMatchObject({ state: "paused", retryAt: undefined });
    await wallet.clock.advance(60 * MINUTE_MS);
    expect(wallet.attempts).toHaveLength(1);
    auto.resume();
    await settle();
    await wallet.last.succeed();
    expect(await stored).toEqual(receiptOf(1));
  });

  it("is over after resume(): forgotten changes are found again every five minutes", async () => {
    const auto = await idle();
    auto.pause();
    auto.resume();
    await settle();
    expect(auto.status.state).toBe("idle");
    wallet.change();
    await wallet.clock.advance(5 * MINUTE_MS);
    expect(wallet.attempts).toHaveLength(1);
  });
});

describe("close", () => {
  it("stops everything, and leaves the mark", async () => {
    const auto = await idle();
    await change(auto);
    auto.close();
    auto.close();
    auto.pause();
    auto.resume();
    await wallet.clock.advance(60 * MINUTE_MS);
    expect(wallet.attempts).toHaveLength(0);
    expect(wallet.clock.waiting).toEqual([]);
    expect(wallet.dirty).toBe(true);
    expect(wallet.closed).toBe(true);
    expect(wallet.listeners.size).toBe(0);
    expect(auto.status.state).toBe("closed");
    expect(() => auto.changed()).toThrow(TypeError);
    await expect(auto.flush()).rejects.toThrow(TypeError);
  });

  it("aborts the backup under way and tells who waits", async () => {
    const auto = await idle();
    const stored = errorOf(auto.durable());
    await settle();
    await auto[Symbol.asyncDispose]();
    expect(await stored).toBeInstanceOf(TypeError);
    expect(wallet.last.options.signal?.aborted).toBe(true);
    expect(auto.status.state).toBe("closed");
    expect(wallet.underWay).toBe(0);
  });

  it("before the first look has ended starts nothing", async () => {
    wallet.dirtySince = wallet.clock.now();
    const auto = wallet.start();
    auto.close();
    await settle();
    expect(wallet.attempts).toHaveLength(0);
    expect(wallet.clock.waiting).toEqual([]);
  });
});

it("never keeps a process alive", async () => {
  const auto = await idle();
  await change(auto);
  expect(new Set(wallet.clock.waiting)).toEqual(new Set(["background"]));
  await wallet.clock.advance(1_000);
  await wallet.last.fail(unreachable());
  expect(new Set(wallet.clock.waiting)).toEqual(new Set(["background"]));
});

describe("the status", () => {
  it("is dirty until it is known what the wallet holds", async () => {
    const auto = wallet.start();
    expect(auto.status).toMatchObject({ state: "dirty", storedAt: undefined });
    await settle();
    expect(auto.status).toMatchObject({ state: "idle", storedAt: new Date(0), unsavedSince: undefined });
  });

  it("is dirty at once after a change that is told while a backup ends", async () => {
    const states: string[] = [];
    let isTold = false;
    const auto = await idle({
      onStatus({ state, receipt }) {
        states.push(state);
        if (state !== "idle" || receipt === undefined || isTold) return;
        isTold = true;
        auto.changed();
        states.push(`then ${auto.status.state}`);
      },
    });
    await change(auto);
    await wallet.clock.advance(1_000);
    await wallet.last.succeed();
    expect(states).toEqual(["idle", "dirty", "saving", "idle", "dirty", "then dirty"]);
    await wallet.clock.advance(1_000);
    expect(wallet.attempts).toHaveLength(2);
  });

  it("has the progress of the backup under way", async () => {
    const auto = await idle();
    await change(auto);
    await wallet.clock.advance(1_000);
    expect(auto.status.progress).toBeUndefined();
    wallet.last.options.onProgress?.({ phase: "upload", done: 1, total: 2 });
    expect(auto.status).toMatchObject({ state: "saving", progress: { phase: "upload", done: 1, total: 2 } });
    await wallet.last.succeed();
    expect(auto.status.progress).toBeUndefined();
  });

  it("can be iterated: as it is, then the latest, until it is closed", async () => {
    const auto = await idle();
    const states: string[] = [];
    const read = (async () => {
      for await (const { state } of auto) states.push(state);
    })();
    await settle();
    await change(auto);
    await wallet.clock.advance(1_000);
    await wallet.last.succeed();
    auto.close();
    await read;
    expect(states).toEqual(["idle", "dirty", "saving", "idle", "closed"]);
  });
});

describe("the sections that changed", () => {
  /** Of the last attempt, in order. */
  const told = () => wallet.last.options.changed?.toSorted();

  async function changeIn(auto: AutoBackup, ...sections: string[]): Promise<void> {
    wallet.change();
    auto.changed(sections);
    await settle();
  }

  it("are those of all changes since the backup before", async () => {
    const auto = await idle();
    await changeIn(auto, "labels");
    await changeIn(auto, "accounts", "labels");
    await wallet.clock.advance(1_000);
    expect(told()).toEqual(["accounts", "labels"]);
    await changeIn(auto, "pairings");
    await wallet.last.succeed();
    await wallet.clock.advance(1_000);
    expect(wallet.attempts).toHaveLength(2);
    expect(told()).toEqual(["pairings"]);
    await wallet.last.succeed();
  });

  it("are those of a change right before the dump is read, too, which causes one more", async () => {
    const auto = await idle();
    auto.changed(["acme.a"]);
    wallet.onStanding = () => {
      wallet.onStanding = () => {};
      auto.changed(["acme.b"]);
    };
    await wallet.clock.advance(1_000);
    expect(wallet.last.options.changed).toEqual(["acme.a", "acme.b"]);
    await wallet.last.succeed();
    await wallet.clock.advance(1_000);
    expect(wallet.last.options.changed).toEqual(["acme.b"]);
  });

  it("are kept until a backup is stored, whatever keeps it from that", async () => {
    const auto = await idle();
    for (const error of [unreachable(), new RevisionConflictError(2), unreachable()]) {
      await changeIn(auto, "labels");
      await wallet.clock.advance(5 * MINUTE_MS);
      await wallet.last.fail(error);
    }
    await changeIn(auto, "accounts");
    await wallet.clock.advance(5 * MINUTE_MS);
    expect(told()).toEqual(["accounts", "labels"]);
    await wallet.last.succeed();
    await changeIn(auto, "pairings");
    await wallet.clock.advance(1_000);
    expect(told()).toEqual(["pairings"]);
    await wallet.last.succeed();
  });

  it("are kept where the wallet's dump could not be read", async () => {
    const auto = await idle();
    await changeIn(auto, "labels");
    wallet.read.mockRejectedValueOnce(new Error("not now"));
    await wallet.clock.advance(1_000);
    expect(wallet.attempts).toHaveLength(0);
    await changeIn(auto, "accounts");
    await wallet.clock.advance(1_000);
    expect(told()).toEqual(["accounts", "labels"]);
    await wallet.last.succeed();
  });

  it("are any where one change did not say", async () => {
    const auto = await idle();
    await changeIn(auto, "labels");
    await change(auto);
    await changeIn(auto, "labels");
    await wallet.clock.advance(1_000);
    expect(told()).toBeUndefined();
    await wallet.last.succeed();
    await changeIn(auto, "labels");
    await wallet.clock.advance(1_000);
    expect(told()).toEqual(["labels"]);
    await wallet.last.succeed();
  });

  it("are any for who waits until all is stored", async () => {
    const auto = await idle();
    await changeIn(auto, "labels");
    const stored = auto.durable();
    await settle();
    expect(told()).toBeUndefined();
    await wallet.last.succeed();
    await stored;
  });

  it("are any where a change was found of which nobody told", async () => {
    await idle();
    wallet.change();
    await wallet.clock.advance(5 * MINUTE_MS);
    expect(wallet.attempts).toHaveLength(1);
    expect(told()).toBeUndefined();
    await wallet.last.succeed();
  });

  it("are a list of names", async () => {
    const auto = await idle();
    for (const wrong of ["labels", [1], {}, null]) {
      expect(() => auto.changed(wrong as unknown as string[])).toThrow(TypeError);
    }
    expect(auto.status.state).toBe("idle");
  });
});

it("has a status that nobody can change", async () => {
  const auto = wallet.start();
  expect(Object.isFrozen(auto.status)).toBe(true);
  await settle();
  expect(Object.isFrozen(auto.status)).toBe(true);
});

it("refuses unknown and wrong options", () => {
  const start = (options: object) => () => wallet.start(options as Partial<AutoBackupOptions>);
  expect(start({ applied: () => undefined })).toThrow(TypeError);
  expect(start({ apply: true })).toThrow(TypeError);
  expect(start({ resolve: "remote" })).toThrow(TypeError);
  expect(start({ read: undefined })).toThrow(TypeError);
  expect(start({ onStatus: 1 })).toThrow(TypeError);
  expect(start({ overdueMs: "1" })).toThrow(TypeError);
  for (const overdueMs of [0, 1.5, 2 ** 31]) expect(start({ overdueMs })).toThrow(RangeError);
});

describe("a backup that is taken over", () => {
  it("while a dump waits for its turn has it read again, at once", async () => {
    const auto = await idle();
    wallet.change();
    auto.changed(["acme.content"]);
    const stored = auto.flush({ remove: ["acme.old"] });
    await settle();
    expect(wallet.last.options.standing).toBe("base");
    wallet.content = 7;
    wallet.standing = "taken over";
    await wallet.last.refuse();
    expect(wallet.attempts).toHaveLength(2);
    expect(contentOf(wallet.last.dump)).toBe(7);
    expect(wallet.last.options).toMatchObject({ standing: "taken over", remove: ["acme.old"] });
    expect(auto.status.state).toBe("saving");
    await wallet.last.succeed();
    expect(await stored).toEqual(receiptOf(1));
    expect(auto.status.state).toBe("idle");
  });

  it("while a backup runs is followed by another, of everything", async () => {
    const auto = await idle();
    wallet.change();
    auto.changed(["acme.content"]);
    await wallet.clock.advance(1_000);
    wallet.content = 7;
    for (const tell of wallet.onTakeover) tell();
    await wallet.last.succeed();
    expect(auto.status.state).toBe("dirty");
    await wallet.clock.advance(1_000);
    expect(contentOf(wallet.last.dump)).toBe(7);
    expect(wallet.last.options.changed).toBeUndefined();
    await wallet.last.succeed();
    expect(auto.status.state).toBe("idle");
  });

  it("while nothing runs is looked at, and no more once it is closed", async () => {
    const auto = await idle();
    wallet.change();
    for (const tell of wallet.onTakeover) tell();
    await settle();
    expect(contentOf(wallet.last.dump)).toBe(1);
    auto.close();
    expect(wallet.onTakeover.size).toBe(0);
  });
});
