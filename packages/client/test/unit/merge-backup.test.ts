import { inspect } from "node:util";
import { type Dump, InvalidDumpError, type MergeConflict } from "@cloudbackup/core";
import { beforeEach, describe, expect, it, type Mock, vi } from "vitest";
import type { AutoBackup, AutoBackupOptions } from "../../src/auto-backup.ts";
import { RestoreFirstError, RevisionConflictError, UnreachableError, WouldShrinkError } from "../../src/errors.ts";
import type { ApplyMerged, MergedFrom } from "../../src/merge-backup.ts";
import { MergeConflictError } from "../../src/merge-conflict-error.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import type { WalletBackup } from "../../src/wallet-backup.ts";
import { errorOf } from "../support/errors.ts";
import { FakeClock, settle, until } from "../support/fake-clock.ts";
import { account, dump, noNetwork, type RealServer, renamed, SEED, startServer } from "../support/wallets.ts";

const COMMIT = "POST /v1/wallets/…/backups";

let server: RealServer;
let storage: Storage;
let wallet: WalletBackup;
let other: WalletBackup;
/** What the wallet holds; every content that it took over. */
let held: Dump;
const apply: Mock<ApplyMerged> = vi.fn();
let auto: AutoBackup;

/** Two devices that hold the same; the first backs itself up. */
beforeEach(async () => {
  server = await startServer();
  storage = memoryStorage();
  wallet = await (await server.signedIn("alice", { storage })).openWallet(SEED);
  other = await (await server.signedIn("alice")).openWallet(SEED);
  await wallet.backup(dump);
  await (await other.restore()).accept();
  held = dump;
  apply.mockReset();
  apply.mockImplementation((merged) => {
    held = merged;
  });
  server.clear();
});

function start(options: Partial<AutoBackupOptions> = {}): AutoBackup {
  auto = wallet.autoBackup({ read: () => held, apply, ...options });
  return auto;
}

const label = (text: string) => [{ type: "tx", ref: "aa", label: text }];
const stored = async () => (await (await (await server.signedIn()).openWallet(SEED)).restore()).dump;
const lastFrom = () => apply.mock.lastCall?.[1] as MergedFrom;
const withName = (name: string, index = 0): Dump => ({
  ...dump,
  accounts: dump.accounts.map((each, i) => (i === index ? { ...each, name } : each)),
});

describe("another tab on the same storage, with a wallet of its own", () => {
  let tab: WalletBackup;
  beforeEach(async () => {
    tab = await (await server.signedIn("alice", { storage })).openWallet(SEED);
  });

  it("does not overwrite what this one wrote since", async () => {
    await wallet.backup(withName("First tab"));
    await expect(tab.backup(withName("Second tab", 1))).rejects.toThrow(RevisionConflictError);
    expect((await stored()).accounts[0]?.name).toBe("First tab");
    // The same content is its own, whoever wrote it.
    expect(await tab.backup(withName("First tab"))).toMatchObject({ revision: 2, changed: false });
    expect(await tab.backup(withName("Second tab", 1))).toMatchObject({ revision: 3 });
  });

  it("merges it", async () => {
    await wallet.backup({ ...dump, accounts: [...dump.accounts, account(3)] });
    held = { ...dump, labels: [...(dump.labels ?? []), ...label("Second tab")] };
    const second = tab.autoBackup({ read: () => held, apply });
    await second.durable();
    second.close();
    expect(held.accounts).toHaveLength(4);
    expect(held.labels).toHaveLength(301);
    expect(await stored()).toEqual(held);
  });

  it("can be opened again where the storage failed at first", async () => {
    const client = await server.signedIn("alice", { storage });
    const keys = vi.spyOn(storage, "keys").mockRejectedValueOnce(new Error("The disk is gone"));
    await expect(client.openWallet(SEED)).rejects.toThrow("The disk is gone");
    keys.mockRestore();
    tab = await client.openWallet(SEED);
    expect(await tab.backup(withName("Second tab", 1))).toMatchObject({ revision: 2 });
  });

  it("does not bring to an end what this one has begun", async () => {
    server.intercept = ({ method, path }) => (`${method} ${path}` === COMMIT ? noNetwork() : undefined);
    await expect(wallet.backup(withName("First tab"))).rejects.toThrow(UnreachableError);
    server.intercept = undefined;
    expect(await tab.backup(withName("Second tab", 1))).toMatchObject({ revision: 2 });
    expect((await stored()).accounts.map(({ name }) => name)).toEqual(["No. 0", "Second tab", "No. 2"]);
    await expect(wallet.backup(withName("First tab"))).rejects.toThrow(RevisionConflictError);
  });
});

describe("what another device wrote", () => {
  it("is merged with what this one changed, taken over by the wallet, and only then backed up", async () => {
    const theirs = withName("Theirs", 1);
    await other.backup(theirs);
    held = withName("Mine", 0);
    let release = () => {};
    apply.mockImplementation(async (merged) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      held = merged;
    });
    server.clear();
    const durable = start().durable();
    await until(() => apply.mock.calls.length === 1);
    await settle();
    expect(auto.status.state).toBe("saving");
    expect(server.asked).not.toContain(COMMIT);
    release();
    expect(await durable).toMatchObject({ revision: 3, changed: true });
    expect(server.asked.filter((request) => request === COMMIT)).toHaveLength(1);
    const names = ["Mine", "Theirs", "No. 2"];
    expect(held.accounts.map(({ name }) => name)).toEqual(names);
    expect(await stored()).toEqual(held);
    expect(apply).toHaveBeenCalledTimes(1);
    expect(lastFrom()).toEqual({ conflicts: [], base: dump, local: withName("Mine"), remote: theirs });
    expect(auto.status).toMatchObject({ state: "idle", error: undefined, unsavedSince: undefined });
  });

  it("is in one history with what this one saw, in the order in which it was stored, and nothing is in conflict", async () => {
    const seen = (...ids: number[]) =>
      ids.map((id) => ({ txid: new Uint8Array(32).fill(id), time: 1_700_000_000 + id }));
    const chain = (length: number) => [{ network: "signet", start: 0, bytes: new Uint8Array(80 * length).fill(7) }];
    held = { ...dump, transactions: seen(9, 1), headers: chain(3) };
    await start().durable();
    await (await other.restore()).accept();
    await other.backup({ ...dump, transactions: seen(9, 1, 5, 6), headers: chain(5) });
    held = { ...held, transactions: seen(9, 1, 4, 5), headers: chain(4) };
    await auto.durable();
    expect(lastFrom().conflicts).toEqual([]);
    expect(held).toEqual({ ...dump, transactions: seen(9, 1, 5, 6, 4), headers: chain(5) });
    expect(await stored()).toEqual(held);
  });

  it("causes no further backup where the wallet tells of what it takes over", async () => {
    const clock = new FakeClock();
    wallet = await (await server.signedIn("alice", { storage, clock })).openWallet(SEED);
    await other.backup(withName("Theirs"));
    held = withName("Mine", 1);
    apply.mockImplementation((merged) => {
      held = merged;
      auto.changed(["accounts"]);
    });
    await start().durable();
    expect(auto.status).toMatchObject({ state: "idle", unsavedSince: undefined });
    server.clear();
    await clock.advance(60_000);
    expect(server.asked).toEqual([]);
  });

  it("comes to a device that has nothing else to say, too", async () => {
    await other.backup(withName("Theirs"));
    expect(await start().durable()).toMatchObject({ revision: 2, changed: false });
    expect(held).toEqual(withName("Theirs"));
  });

  it("on a backup of this device whose reply was lost is merged by what that one held", async () => {
    server.intercept = ({ method, path, forward }) =>
      `${method} ${path}` === COMMIT ? forward().then(noNetwork) : undefined;
    await expect(wallet.backup(withName("First"))).rejects.toThrow(UnreachableError);
    server.intercept = undefined;
    const restored = await other.restore();
    expect(restored.revision).toBe(2);
    await restored.accept();
    await other.backup(withName("Theirs"));

    held = withName("Mine", 1);
    held = { ...held, accounts: held.accounts.map((each, i) => (i === 0 ? { ...each, name: "First" } : each)) };
    expect(await start().durable()).toMatchObject({ revision: 4 });
    expect(lastFrom().conflicts).toEqual([]);
    expect(held.accounts.map(({ name }) => name)).toEqual(["Theirs", "Mine", "No. 2"]);
  });

  it("and was removed here or there is removed", async () => {
    held = { ...dump, accounts: [account(0), account(1), account(2), account(3), account(4)] };
    await wallet.backup(held);
    await (await other.restore()).accept();
    await other.backup({ ...held, accounts: held.accounts.filter(({ id }) => id !== account(3).id) });
    held = { ...held, accounts: held.accounts.filter(({ id }) => id !== account(4).id) };
    await start().durable();
    expect(held.accounts).toEqual([account(0), account(1), account(2)]);
    expect(await stored()).toEqual(held);
  });

  it("is united with what is here where the base cannot be read any more", async () => {
    await other.backup({ ...dump, accounts: [account(0), account(1)] });
    held = withName("Mine");
    for (const key of await storage.keys("")) if (key.includes("/chunks/")) await storage.delete(key);
    await start().durable();
    expect(lastFrom().base).toBeNull();
    expect(held.accounts).toHaveLength(3);
    expect(await stored()).toEqual(held);
  });

  it("in a section that this wallet empties stays where that was changed there alone", async () => {
    await other.backup({ ...dump, labels: [...(dump.labels ?? []), ...label("New")] });
    held = { ...dump, labels: [] };
    await start().durable();
    expect(held.labels).toEqual(label("New"));
  });

  it("is not asked for by a device that has not restored", async () => {
    const newcomer = await (await server.signedIn()).openWallet(SEED);
    const fresh = newcomer.autoBackup({ read: () => renamed("Fresh"), apply });
    expect(await errorOf(fresh.durable())).toBeInstanceOf(RestoreFirstError);
    expect(fresh.status.state).toBe("failed");
    expect(apply).not.toHaveBeenCalled();
    newcomer.close();
  });

  it("without apply is a conflict, of which nothing is sent", async () => {
    await other.backup(withName("Theirs"));
    held = withName("Mine", 1);
    server.clear();
    start({ apply: undefined });
    expect(await errorOf(auto.durable())).toBeInstanceOf(RevisionConflictError);
    expect(auto.status.state).toBe("conflict");
    expect(server.asked).not.toContain(COMMIT);
  });

  it("while the wallet takes it over is merged, too", async () => {
    await other.backup(withName("Second"));
    apply.mockImplementation(async (merged) => {
      if (apply.mock.calls.length === 1) await other.backup({ ...withName("Second"), labels: label("Third") });
      held = merged;
    });
    held = withName("Mine", 1);
    expect(await start().durable()).toMatchObject({ revision: 4 });
    expect(apply).toHaveBeenCalledTimes(2);
    expect(held).toEqual({ ...withName("Second"), accounts: held.accounts, labels: label("Third") });
    expect(held.accounts.map(({ name }) => name)).toEqual(["Second", "Mine", "No. 2"]);
    expect(await stored()).toEqual(held);
  });

  it("and a handle of this device took over meanwhile is merged from there", async () => {
    await other.backup(withName("Theirs"));
    held = withName("Mine", 1);
    apply.mockImplementation(async (merged) => {
      held = merged;
      if (apply.mock.calls.length === 1) await (await wallet.restore()).accept();
    });
    await start().durable();
    expect(apply).toHaveBeenCalledTimes(2);
    expect(lastFrom().base).toEqual(withName("Theirs"));
    expect(await stored()).toEqual(held);
  });

  it("is told to the automatic backups of other handles", async () => {
    const client = await server.signedIn("alice", { storage });
    wallet = await client.openWallet(SEED);
    const handle = await client.openWallet(SEED);
    await other.backup(withName("Theirs"));
    const second = handle.autoBackup({ read: () => held });
    await until(() => second.status.state === "idle");
    held = withName("Mine", 1);
    await start().durable();
    await until(() => second.status.state === "idle");
    expect(second.status.error).toBeUndefined();
    handle.close();
  });
});

describe("what both devices changed", () => {
  const conflict = expect.objectContaining({ section: "accounts", key: "name", local: "Mine", remote: "Theirs" });
  beforeEach(async () => {
    await other.backup(withName("Theirs"));
    held = withName("Mine");
  });

  it("is as the server has it, and the wallet is told of both", async () => {
    await start().durable();
    expect(held.accounts[0]?.name).toBe("Theirs");
    expect(lastFrom().conflicts).toEqual([conflict]);
  });

  it("is what the wallet chooses", async () => {
    const resolve = vi.fn((_: MergeConflict) => "Both");
    await start({ resolve }).durable();
    expect(resolve).toHaveBeenCalledExactlyOnceWith(conflict);
    expect(lastFrom().conflicts).toEqual([conflict]);
    expect(await stored()).toEqual(withName("Both"));
  });

  it("and nobody decides is a conflict that has both sides, and shows neither in a log", async () => {
    const cause = new Error("ask the person");
    let choice: string | undefined;
    const resolve = () => {
      if (choice === undefined) throw cause;
      return choice;
    };
    server.clear();
    start({ resolve });
    const error = (await errorOf(auto.durable())) as MergeConflictError;
    expect(error).toBeInstanceOf(MergeConflictError);
    expect(error).toBeInstanceOf(RevisionConflictError);
    expect(error).toMatchObject({ code: "ERR_CB_MERGE_CONFLICT", currentRevision: 2, retryable: false, cause });
    expect(error).toMatchObject({ conflicts: [conflict], local: withName("Mine"), remote: withName("Theirs") });
    expect(inspect(error, { depth: 9 })).not.toMatch(/Mine|Theirs/);
    expect(JSON.stringify(error)).not.toMatch(/Mine|Theirs/);
    expect(auto.status).toMatchObject({ state: "conflict", error });
    expect(apply).not.toHaveBeenCalled();
    expect(server.asked).not.toContain(COMMIT);
    choice = "Mine";
    expect(await auto.durable()).toMatchObject({ revision: 3 });
    expect(auto.status).toMatchObject({ state: "idle", error: undefined });
    expect(await stored()).toEqual(withName("Mine"));
  });

  it.each([1, undefined, Promise.resolve("Mine")])(
    "is not taken over where the choice cannot be: %s",
    async (choice) => {
      start({ resolve: () => choice });
      expect(await errorOf(auto.durable())).toBeInstanceOf(InvalidDumpError);
      expect(apply).not.toHaveBeenCalled();
    },
  );
});

describe("a wallet that takes over", () => {
  beforeEach(async () => {
    await other.backup(withName("Theirs"));
    held = withName("Mine", 1);
    server.clear();
  });

  it("and fails is seen, is asked again after the next change, and nothing was sent", async () => {
    const error = new Error("disk full");
    apply.mockRejectedValueOnce(error);
    start();
    expect(await errorOf(auto.durable())).toBe(error);
    expect(auto.status).toMatchObject({ state: "failed", error, retryAt: undefined });
    expect(server.asked).not.toContain(COMMIT);
    expect(await errorOf(wallet.backup(held))).toBeInstanceOf(RevisionConflictError);
    held = { ...held, labels: label("Later") };
    auto.changed();
    await until(() => auto.status.state === "idle");
    expect(held.accounts.map(({ name }) => name)).toEqual(["Theirs", "Mine", "No. 2"]);
    expect(held.labels).toEqual(label("Later"));
    expect(await stored()).toEqual(held);
  });

  it("and has changed meanwhile is read and merged again", async () => {
    apply.mockImplementation((merged) => {
      if (apply.mock.calls.length < 3) {
        held = { ...held, labels: label(`Change ${apply.mock.calls.length}`) };
        return false;
      }
      held = merged;
      return true;
    });
    await start().durable();
    expect(apply).toHaveBeenCalledTimes(3);
    expect(held.labels).toEqual(label("Change 2"));
    expect(held.accounts[0]?.name).toBe("Theirs");
    expect(await stored()).toEqual(held);
  });

  it("and changes for ever ends with the backup", async () => {
    const clock = new FakeClock();
    wallet = await (await server.signedIn("alice", { storage, clock })).openWallet(SEED);
    apply.mockReturnValue(false);
    start();
    const waiting = errorOf(auto.durable());
    for (let times = 1; times <= 3; times++) {
      await until(() => apply.mock.calls.length === times);
      expect(new Set(clock.waiting)).toEqual(new Set(["background"]));
      await clock.advance(100);
    }
    await until(() => apply.mock.calls.length === 4);
    const closed = auto[Symbol.asyncDispose]();
    expect(await waiting).toBeInstanceOf(TypeError);
    await clock.advance(100);
    await closed;
    expect(apply).toHaveBeenCalledTimes(4);
    expect(clock.waiting).toEqual([]);
  });

  it("is asked at once after it was read, where it is read at once: no change comes in between", async () => {
    let isRead = false;
    let came = 0;
    const read = () => {
      isRead = true;
      queueMicrotask(() => {
        isRead = false;
      });
      return held;
    };
    apply.mockImplementation((merged) => {
      if (!isRead) came++;
      held = merged;
    });
    await start({ read }).durable();
    expect(apply).toHaveBeenCalledTimes(1);
    expect(came).toBe(0);
  });

  it("and is not loaded yet is not emptied", async () => {
    const whole = held;
    held = { accounts: [], pairings: [] };
    start();
    expect(await errorOf(auto.durable())).toBeInstanceOf(WouldShrinkError);
    expect(apply).not.toHaveBeenCalled();
    held = whole;
    await auto.durable();
    expect(held.accounts.map(({ name }) => name)).toEqual(["Theirs", "Mine", "No. 2"]);
  });

  it("may be emptied where a person wants it", async () => {
    held = { accounts: [], pairings: [], labels: dump.labels ?? [] };
    expect(await start().flush({ allowShrink: true })).toMatchObject({ revision: 3 });
    // What the other device changed is kept.
    expect(held.accounts).toEqual([{ ...account(0), name: "Theirs" }]);
  });

  it("and dies before this device has what it took over goes on where it was", async () => {
    apply.mockImplementation((merged) => {
      held = merged;
      wallet.close();
    });
    start();
    expect(await errorOf(auto.durable())).toBeInstanceOf(TypeError);
    expect(server.asked).not.toContain(COMMIT);
    wallet = await (await server.signedIn("alice", { storage })).openWallet(SEED);
    apply.mockImplementation((merged) => {
      held = merged;
    });
    expect(await start().durable()).toMatchObject({ revision: 3 });
    expect(held.accounts.map(({ name }) => name)).toEqual(["Theirs", "Mine", "No. 2"]);
    expect(lastFrom().conflicts).toEqual([]);
    expect(await stored()).toEqual(held);
  });

  it("goes on after the network has failed at any request", async () => {
    const clock = new FakeClock();
    wallet = await (await server.signedIn("alice", { storage, clock, retry: { attempts: 1 } })).openWallet(SEED);
    start();
    let requests = 0;
    let failAt = 1;
    server.intercept = () => (++requests === failAt ? noNetwork() : undefined);
    const durable = auto.durable();
    let isStored = false;
    void durable.then(() => {
      isStored = true;
    });
    while (!isStored) {
      await until(() => auto.status.state !== "saving" || isStored);
      if (!auto.status.retryAt) continue;
      requests = 0;
      failAt++;
      await clock.advance(auto.status.retryAt.getTime() - clock.now());
    }
    expect(failAt).toBeGreaterThan(4);
    expect(held.accounts.map(({ name }) => name)).toEqual(["Theirs", "Mine", "No. 2"]);
    expect(await stored()).toEqual(held);
  });
});

it("gives up where the server does not take what follows on its own latest", async () => {
  await other.backup(withName("Theirs"));
  held = withName("Mine", 1);
  const { sha256 } = (await other.history())[0] as { sha256: string };
  server.intercept = ({ method, path }) => {
    if (`${method} ${path}` !== COMMIT) return undefined;
    const problem = { type: "about:blank", title: "no", status: 409, code: "revision-conflict" };
    return new Response(JSON.stringify({ ...problem, currentRevision: 2, currentSha256: sha256 }), {
      status: 409,
      headers: { "content-type": "application/problem+json" },
    });
  };
  start();
  expect(await errorOf(auto.durable())).toBeInstanceOf(RevisionConflictError);
  expect(auto.status.state).toBe("conflict");
  expect(server.asked.filter((request) => request === COMMIT).length).toBeLessThan(5);
});
