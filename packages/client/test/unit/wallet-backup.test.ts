import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Dump, deriveBackupKeys, RawSection } from "@cloudbackup/core";
import { decodeBundle, decodeBundleHead, encodeBundle } from "@cloudbackup/core/wire";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Client } from "../../src/account.ts";
import type { AutoBackup } from "../../src/auto-backup.ts";
import { directoryStorage } from "../../src/directory-storage.ts";
import {
  ForkError,
  IncompleteError,
  NoBackupError,
  NotSignedInError,
  NotYoursError,
  NoWalletError,
  RestoreFirstError,
  RevisionConflictError,
  TamperedError,
  TooLargeError,
  UnreachableError,
  UnsupportedVersionError,
  WalletGoneError,
  WentBackError,
  WouldShrinkError,
} from "../../src/errors.ts";
import type { Progress } from "../../src/progress.ts";
import type { RestoreOptions } from "../../src/restore.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import type { WalletBackup } from "../../src/wallet-backup.ts";
import type { BackupOptions } from "../../src/write-backup.ts";
import { errorOf } from "../support/errors.ts";
import { FakeClock, until } from "../support/fake-clock.ts";
import {
  account,
  dump,
  type Intercept,
  labels,
  noise,
  noNetwork,
  OTHER_SEED,
  type RealServer,
  renamed,
  SEED,
  startServer,
} from "../support/wallets.ts";

const BACKUPS = "/v1/wallets/…/backups";
const COMMIT = `POST ${BACKUPS}`;
const LATEST = `${BACKUPS}/latest`;

let server: RealServer;
let storage: Storage;
let wallet: WalletBackup;
beforeEach(async () => {
  server = await startServer();
  storage = memoryStorage();
  wallet = await (await server.signedIn("alice", { storage })).openWallet(SEED);
  server.clear();
});

/** Another process on the same storage. */
async function nextProcess(): Promise<WalletBackup> {
  const opened = await (await server.signedIn("alice", { storage })).openWallet(SEED);
  server.clear();
  return opened;
}

/** Another device, which knows nothing. */
async function otherDevice(): Promise<WalletBackup> {
  return (await server.signedIn("alice")).openWallet(SEED);
}

/** Answers `status` with a problem of the protocol. */
function problem(status: number, code: string, members: object = {}): Response {
  const headers = { "content-type": "application/problem+json" };
  return new Response(JSON.stringify({ code, title: code, ...members }), { status, headers });
}

/** What the server has now, played back later in place of what it has then: a server that went back. */
async function remember(): Promise<() => void> {
  const paths = [
    "/v1/wallets/…",
    LATEST,
    BACKUPS,
    `${BACKUPS}/1`,
    `${BACKUPS}/2`,
    "/v1/wallets/…/chain?from=1",
    "/v1/wallets/…/chain?from=2",
  ];
  const answers = new Map<string, { body: ArrayBuffer; init: ResponseInit }>();
  const record: Intercept = async ({ method, path, forward }) => {
    const response = await forward();
    if (method === "GET" && paths.includes(path)) {
      const body = await response.clone().arrayBuffer();
      answers.set(path, {
        body,
        init: { status: response.status, headers: { "content-type": response.headers.get("content-type") ?? "" } },
      });
    }
    return response;
  };
  const witness = await otherDevice();
  server.intercept = record;
  await (await witness.restore()).accept();
  await witness.history();
  await witness.backup(dump);
  server.intercept = undefined;
  witness.close();
  return () => {
    server.intercept = ({ method, path }) => {
      const answer = method === "GET" ? answers.get(path) : undefined;
      return answer && new Response(answer.body.slice(0), answer.init);
    };
  };
}

describe("a backup", () => {
  it("is registered with the first, never by opening or looking", async () => {
    await expect(wallet.restore()).rejects.toThrow(NoWalletError);
    await expect(wallet.history()).rejects.toThrow(NoWalletError);
    await expect(wallet.verify(dump)).rejects.toThrow(NoWalletError);
    await expect(wallet.delete()).rejects.toThrow(NoWalletError);
    expect(server.asked).not.toContain("POST /v1/wallets");
    expect(await wallet.backup(dump)).toMatchObject({ revision: 1, changed: true });
    expect(server.asked.filter((request) => request === "POST /v1/wallets")).toHaveLength(1);
  });

  it("may be registered before: then the seed signs in, and finds that there is none", async () => {
    await wallet.register();
    await wallet.register();
    const device = server.client();
    expect(await device.signInWithSeed(SEED)).toEqual({ username: "alice" });
    const found = await device.openWallet(SEED);
    await expect(found.restore()).rejects.toThrow(NoBackupError);
    await found.register();
    expect(await found.backup(dump)).toMatchObject({ revision: 1, changed: true });
    const bobs = await (await server.signedIn("bob")).openWallet(SEED);
    expect(await errorOf(bobs.register())).toMatchObject({ code: "ERR_CB_NOT_YOURS", username: "alice" });
    await expect(bobs.register({ sigal: 1 } as object)).rejects.toThrow(TypeError);
  });

  it("comes back whole on a device that knows nothing", async () => {
    const receipt = await wallet.backup(dump);
    expect(receipt.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(receipt.storedAt).toBeInstanceOf(Date);
    expect(receipt.bytesSent).toBeGreaterThan(1_000);
    const restored = await (await otherDevice()).restore();
    expect(restored).toMatchObject({
      revision: 1,
      gen: 1,
      app: undefined,
      device: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(restored.dump).toEqual(dump);
  });

  it("names the program that wrote it", async () => {
    const client = await server.signedIn("alice", { app: "acme/1.2" });
    await (await client.openWallet(OTHER_SEED)).backup(dump);
    expect((await (await client.openWallet(OTHER_SEED)).restore()).app).toBe("acme/1.2");
  });

  it("of the same says so, after asking, and sends nothing", async () => {
    const first = await wallet.backup(dump);
    server.clear();
    const again = await wallet.backup(dump);
    expect(again).toMatchObject({ revision: 1, sha256: first.sha256, changed: false, bytesSent: 0 });
    expect(server.asked).toEqual(["GET /v1/wallets/…"]);
    server.intercept = noNetwork;
    await expect(wallet.backup(dump)).rejects.toThrow(UnreachableError);
  });

  it("of a change sends the change alone, in one request, also after a restart", async () => {
    const first = await wallet.backup(dump);
    server.clear();
    const second = await wallet.backup(renamed("Renamed"));
    expect(second.bytesSent).toBeLessThan(first.bytesSent / 2);
    expect(server.asked).toEqual(["GET /v1/wallets/…", COMMIT]);
    wallet.close();
    const restarted = await nextProcess();
    const third = await restarted.backup(renamed("Again"));
    expect(third).toMatchObject({ revision: 3, changed: true });
    expect(third.bytesSent).toBeLessThan(first.bytesSent / 2);
    expect(server.asked.slice(-2)).toEqual(["GET /v1/wallets/…", COMMIT]);
    expect((await (await otherDevice()).restore()).dump).toEqual(renamed("Again"));
  });

  it("runs after the one before it", async () => {
    const receipts = await Promise.all(["a", "b", "c"].map((name) => wallet.backup(renamed(name))));
    expect(receipts.map(({ revision }) => revision)).toEqual([1, 2, 3]);
  });

  it("of a wallet that was opened twice runs after the other's, too", async () => {
    const client = await server.signedIn("alice", { storage });
    const [one, two] = [await client.openWallet(SEED), await client.openWallet(SEED)];
    const receipts = await Promise.all([one.backup(renamed("a")), two.backup(renamed("b")), one.backup(renamed("c"))]);
    expect(receipts.map(({ revision }) => revision)).toEqual([1, 2, 3]);
  });

  it("that fails does not hold up the next", async () => {
    const [failed, done] = await Promise.allSettled([wallet.backup({} as never), wallet.backup(dump)]);
    expect(failed).toMatchObject({ status: "rejected", reason: { code: "ERR_CB_INVALID_DUMP" } });
    expect(done.status).toBe("fulfilled");
  });

  it("reports its progress in bytes", async () => {
    const onProgress = vi.fn();
    const { bytesSent } = await wallet.backup(dump, { onProgress });
    expect(onProgress.mock.calls.at(0)).toEqual([{ phase: "upload", done: 0, total: bytesSent }]);
    expect(onProgress.mock.calls.at(-1)).toEqual([{ phase: "upload", done: bytesSent, total: bytesSent }]);
  });

  it("ends with its signal", async () => {
    const controller = new AbortController();
    server.intercept = ({ method }) => void (method === "POST" && controller.abort("enough"));
    expect(await errorOf(wallet.backup(dump, { signal: controller.signal }))).toBe("enough");
  });

  it("refuses unknown options", async () => {
    await expect(wallet.backup(dump, { forced: true } as BackupOptions)).rejects.toThrow(TypeError);
    await expect(wallet.restore({ rev: 1 } as RestoreOptions)).rejects.toThrow(TypeError);
    for (const revision of [0, -1, 1.5, "latest", "../x"]) {
      await expect(wallet.restore({ revision } as RestoreOptions)).rejects.toThrow(/revision/);
    }
    await expect(wallet.restore({ minGen: 0 })).rejects.toThrow(RangeError);
    await expect(wallet.verify(dump, { replace: true } as object)).rejects.toThrow(TypeError);
    await expect(wallet.history({ limit: 1 } as object)).rejects.toThrow(TypeError);
    await expect(wallet.delete({ force: true } as object)).rejects.toThrow(TypeError);
    expect(server.asked).toEqual([]);
  });
});

describe("sections", () => {
  const notes = { "acme.notes": new RawSection("acme.notes", Uint8Array.of(0x61, 0x61)) };

  it("that the dump lacks are carried over", async () => {
    await wallet.backup({ ...dump, ...notes });
    const { accounts, pairings } = renamed("Renamed");
    await wallet.backup({ accounts, pairings });
    expect((await (await otherDevice()).restore()).dump).toEqual({ ...renamed("Renamed"), ...notes });
    expect(await wallet.backup({ accounts, pairings })).toMatchObject({ changed: false });
  });

  it("go where they are removed", async () => {
    await wallet.backup({ ...dump, ...notes });
    const { accounts, pairings } = dump;
    expect(await wallet.backup({ accounts, pairings }, { remove: ["acme.notes"] })).toMatchObject({ changed: true });
    expect((await wallet.restore()).dump).toEqual(dump);
  });

  it("go where the dump has them empty: the last label was deleted", async () => {
    await wallet.backup(dump);
    const emptied = { ...dump, labels: [] };
    expect((await wallet.verify(emptied)).ok).toBe(false);
    expect(await wallet.backup(emptied)).toMatchObject({ changed: true });
    expect((await wallet.restore()).dump).not.toHaveProperty("labels");
    expect(await wallet.backup(emptied)).toMatchObject({ changed: false });
    expect((await wallet.verify(emptied)).ok).toBe(true);
  });

  it("that every backup has, or that the dump has, cannot be removed", async () => {
    await wallet.backup(dump);
    await expect(wallet.backup(renamed("x"), { remove: ["accounts"] })).rejects.toThrow(RangeError);
    await expect(wallet.backup(renamed("x"), { remove: ["labels"] })).rejects.toThrow(RangeError);
  });
});

describe("a dump that lost", () => {
  it.each([
    ["half of the accounts", { ...dump, accounts: dump.accounts.slice(0, 1) }, 2, 0],
    ["all of them", { ...dump, accounts: [] }, 3, 0],
    ["a pairing", { ...dump, pairings: [] }, 0, 1],
  ])("%s is refused, unless it is allowed to", async (_, less, accounts, pairings) => {
    await wallet.backup(dump);
    const restarted = await nextProcess();
    const error = (await errorOf(restarted.backup(less))) as WouldShrinkError;
    expect(error).toBeInstanceOf(WouldShrinkError);
    expect(error.lostAccounts).toHaveLength(accounts);
    expect(error.lostPairings).toHaveLength(pairings);
    expect(server.asked).not.toContain(COMMIT);
    expect(await restarted.backup(less, { allowShrink: true })).toMatchObject({ revision: 2 });
  });

  it("what cannot be told any more is restored first", async () => {
    const many = { ...dump, accounts: Array.from({ length: 100 }, (_, i) => account(i)) };
    await wallet.backup(many);
    for (const key of await storage.keys("cloudbackup/wallets/"))
      if (key.includes("/chunks/")) await storage.delete(key);
    await expect(wallet.backup(renamed("x", many))).rejects.toThrow(RestoreFirstError);
    await (await wallet.restore()).accept();
    expect(await wallet.backup(renamed("x", many))).toMatchObject({ revision: 2 });
  });

  it("less is stored", async () => {
    await wallet.backup(dump);
    expect(await wallet.backup({ ...dump, accounts: [account(0), account(1)] })).toMatchObject({ revision: 2 });
  });
});

describe("a device that has not restored", () => {
  it("does not write over what is there, and sends nothing", async () => {
    await wallet.backup(dump);
    const other = await otherDevice();
    server.clear();
    expect(await errorOf(other.backup(renamed("Unseen")))).toMatchObject({
      code: "ERR_CB_RESTORE_FIRST",
      currentRevision: 1,
    });
    await other.restore();
    await expect(other.backup(dump)).rejects.toThrow(RestoreFirstError);
    expect(server.asked.filter((request) => request.startsWith("POST"))).toEqual([]);
  });

  it("does so once it has accepted", async () => {
    await wallet.backup(dump);
    const other = await otherDevice();
    await (await other.restore()).accept();
    expect(await other.backup(dump)).toMatchObject({ changed: false });
    expect(await other.backup(renamed("Seen"))).toMatchObject({ revision: 2 });
  });

  it("does so where it replaces, and carries nothing over", async () => {
    await wallet.backup(dump);
    const { accounts, pairings } = renamed("Replaced");
    expect(await (await otherDevice()).backup({ accounts, pairings }, { replace: true })).toMatchObject({
      revision: 2,
    });
    const restored = await (await otherDevice()).restore();
    expect(restored).toMatchObject({ gen: 2 });
    expect(restored.dump).toEqual({ accounts, pairings });
    // The first device sees a chain that continues its own.
    await (await wallet.restore()).accept();
    expect(await wallet.backup(dump)).toMatchObject({ revision: 3 });
  });
});

describe("two devices", () => {
  it("take turns: who comes second restores first, and then goes on", async () => {
    await wallet.backup(dump);
    const other = await otherDevice();
    await (await other.restore()).accept();
    await other.backup(renamed("By the other"));
    server.clear();
    expect(await errorOf(wallet.backup(renamed("By the first")))).toMatchObject({
      code: "ERR_CB_REVISION_CONFLICT",
      currentRevision: 2,
    });
    expect(server.asked.filter((request) => request.startsWith("POST"))).toEqual([]);
    const restored = await wallet.restore();
    expect(restored.dump).toEqual(renamed("By the other"));
    await restored.accept();
    expect(await wallet.backup(renamed("By the first"))).toMatchObject({ revision: 3 });
  });

  it("that commit at once do not overwrite each other", async () => {
    await wallet.backup(dump);
    const other = await otherDevice();
    await (await other.restore()).accept();
    let isFirst = true;
    server.intercept = async ({ method, path, forward }) => {
      if (method !== "POST" || path !== BACKUPS || !isFirst) return forward();
      isFirst = false;
      await other.backup(renamed("Faster"));
      return forward();
    };
    await expect(wallet.backup(renamed("Slower"))).rejects.toThrow(RevisionConflictError);
    expect(
      await storage.keys("cloudbackup/wallets/").then((keys) => keys.filter((key) => key.includes("/pending/"))),
    ).toEqual([]);
    expect((await wallet.restore()).dump).toEqual(renamed("Faster"));
  });

  it("have ids of their own, one for all wallets of a storage", async () => {
    await wallet.backup(dump);
    const second = await (await server.signedIn("alice", { storage })).openWallet(OTHER_SEED);
    await second.backup(dump);
    const other = await (await server.signedIn("alice")).openWallet(new Uint8Array(32).fill(3));
    await other.backup(dump);
    const devices = await Promise.all([wallet, second, other].map(async (each) => (await each.restore()).device));
    expect(devices[0]).toBe(devices[1]);
    expect(devices[0]).not.toBe(devices[2]);
  });
});

describe("accept", () => {
  it("refuses an older revision, which can be looked at", async () => {
    await wallet.backup(dump);
    await wallet.backup(renamed("Renamed"));
    const older = await wallet.restore({ revision: 1 });
    expect(older).toMatchObject({ revision: 1, dump });
    await expect(older.accept()).rejects.toThrow(TypeError);
    expect(await wallet.backup(renamed("Renamed"))).toMatchObject({ changed: false });
    await expect(wallet.restore({ revision: 9 })).rejects.toThrow(NoBackupError);
  });

  it("refuses what this device has gone on from", async () => {
    await wallet.backup(dump);
    const restored = await wallet.restore();
    await wallet.backup(renamed("Renamed"));
    await expect(restored.accept()).rejects.toThrow(RevisionConflictError);
    expect(await wallet.backup(renamed("Again"))).toMatchObject({ revision: 3 });
  });

  it("lets an automatic backup in conflict go on", async () => {
    await wallet.backup(dump);
    const other = await otherDevice();
    const restored = await other.restore();
    await restored.accept();
    await wallet.backup(renamed("Renamed"));
    let held = renamed("Mine");
    const auto = other.autoBackup({ read: () => held });
    await until(() => auto.status.state === "conflict");
    expect((await other.restore()).unsavedChanges).toBe(true);
    held = renamed("United");
    await (await other.restore()).accept();
    await until(() => auto.status.state === "idle");
    expect((await other.restore()).dump).toEqual(held);
    expect((await other.restore()).unsavedChanges).toBe(false);
  });

  it("may be called twice", async () => {
    await wallet.backup(dump);
    const restored = await (await otherDevice()).restore();
    await restored.accept();
    await restored.accept();
  });
});

describe("a commit whose answer is lost", () => {
  /** Lets the commit arrive, and nothing come back. */
  const loseAnswer: Intercept = async ({ method, path, forward }) => {
    if (method !== "POST" || path !== BACKUPS) return forward();
    await (await forward()).arrayBuffer();
    return noNetwork();
  };

  it("is not a conflict", async () => {
    await wallet.backup(dump);
    server.intercept = loseAnswer;
    await expect(wallet.backup(renamed("Lost"))).rejects.toThrow(UnreachableError);
    server.intercept = undefined;
    expect(await wallet.backup(renamed("Lost"))).toMatchObject({ revision: 2, changed: false });
    expect(await wallet.backup(renamed("Next"))).toMatchObject({ revision: 3 });
  });

  it("is not one for a new process on the same folder either, which sends only the change", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cloudbackup-wallet-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    storage = directoryStorage(folder);
    const dying = await nextProcess();
    const first = await dying.backup(dump);
    server.intercept = loseAnswer;
    await errorOf(dying.backup(renamed("Lost")));
    server.intercept = undefined;
    const restarted = await nextProcess();
    const next = await restarted.backup(renamed("Next"));
    expect(next).toMatchObject({ revision: 3, changed: true });
    expect(next.bytesSent).toBeLessThan(first.bytesSent / 2);
  });

  it("is not one where it was the very first", async () => {
    server.intercept = loseAnswer;
    await errorOf(wallet.backup(dump));
    server.intercept = undefined;
    expect(await (await nextProcess()).backup(renamed("Next"))).toMatchObject({ revision: 2 });
  });

  it("or which dies at any write to the storage, is taken up by the next process", async () => {
    const first = await wallet.backup(dump);
    for (let n = 0, died = true; died; n++) {
      let left = n;
      const change = (work: () => Promise<void>) => (left-- > 0 ? work() : Promise.reject(new Error("dead")));
      const disk = storage;
      storage = {
        ...disk,
        set: (key, bytes) => change(() => disk.set(key, bytes)),
        delete: (key) => change(() => disk.delete(key)),
      };
      const dying = await (await server.signedIn("alice", { storage: { ...storage, confidential: false } })).openWallet(
        SEED,
      );
      died = await dying.backup(renamed(`Dying ${n}`)).then(
        () => false,
        () => true,
      );
      storage = disk;
      const receipt = await (await nextProcess()).backup(renamed(`After ${n}`));
      expect(receipt.changed).toBe(true);
      expect(receipt.bytesSent).toBeLessThan(first.bytesSent / 2);
      expect(n).toBeLessThan(100);
    }
  });

  it("and that arrives only when the next one is on its way, is not a conflict", async () => {
    await wallet.backup(dump);
    const late: (() => Promise<Response>)[] = [];
    const keepLate: Intercept = ({ method, path, forward }) => {
      if (method !== "POST" || path !== BACKUPS) return undefined;
      late.push(forward);
      return noNetwork();
    };
    server.intercept = keepLate;
    await errorOf(wallet.backup(renamed("Late")));
    server.intercept = async ({ method, path, forward }) => {
      if (method === "POST" && path === BACKUPS) await (await late.pop()?.())?.arrayBuffer();
      return forward();
    };
    expect(await wallet.backup(renamed("Next"))).toMatchObject({ revision: 3, changed: true });
    expect((await wallet.history()).map(({ revision }) => revision)).toEqual([3, 2, 1]);
  });

  it("is told from another device's that came instead", async () => {
    await wallet.backup(dump);
    server.intercept = ({ method, path }) => (method === "POST" && path === BACKUPS ? noNetwork() : undefined);
    await errorOf(wallet.backup(renamed("Never")));
    server.intercept = undefined;
    const other = await otherDevice();
    await (await other.restore()).accept();
    await other.backup(renamed("Other"));
    await expect(wallet.backup(renamed("Never"))).rejects.toThrow(RevisionConflictError);
    await (await wallet.restore()).accept();
    expect(await wallet.backup(renamed("Next"))).toMatchObject({ revision: 3 });
  });
});

describe("a server that went back", () => {
  it("is told, by every call, until a person replaces", async () => {
    await wallet.backup(dump);
    const goBack = await remember();
    await wallet.backup(renamed("Two"));
    goBack();
    await expect(wallet.restore()).rejects.toThrow(WentBackError);
    await expect(wallet.verify(dump)).rejects.toThrow(WentBackError);
    await expect(wallet.backup(renamed("Three"))).rejects.toThrow(WentBackError);
    await expect((await nextProcess()).backup(renamed("Three"))).rejects.toThrow(WentBackError);
  });

  it("is told although this device's own last backup is what it went back to", async () => {
    await wallet.backup(dump);
    const goBack = await remember();
    const other = await otherDevice();
    await (await other.restore()).accept();
    await other.backup(renamed("Two"));
    // Seen, not accepted: the base is still the first revision.
    await wallet.restore();
    goBack();
    await expect(wallet.backup(renamed("Three"))).rejects.toThrow(WentBackError);
  });

  it("is none where a wallet was deleted: its numbers go on", async () => {
    const old = await (await server.signedIn("bob")).openWallet(OTHER_SEED);
    await old.backup(dump);
    await old.backup(renamed("Two"));
    await old.delete();
    const fresh = await (await server.signedIn("bob")).openWallet(OTHER_SEED);
    expect(await fresh.backup(dump)).toMatchObject({ revision: 3 });
  });

  it("is told by the least generation to expect", async () => {
    await wallet.backup(dump);
    await expect((await otherDevice()).restore({ minGen: 2 })).rejects.toThrow(WentBackError);
    expect(await (await otherDevice()).restore({ minGen: 1 })).toMatchObject({ gen: 1 });
  });
});

describe("a fork", () => {
  it("is told where the mark's revision has another hash", async () => {
    await wallet.backup(dump);
    server.intercept = async ({ method, path, forward }) => {
      if (method !== "GET" || path !== "/v1/wallets/…") return forward();
      return Response.json({ ...(await (await forward()).json()), sha256: "ab".repeat(32) });
    };
    await expect(wallet.backup(renamed("x"))).rejects.toThrow(ForkError);
  });

  it("is told where a later revision does not continue the mark", async () => {
    await wallet.backup(dump);
    const other = await otherDevice();
    await (await other.restore()).accept();
    await other.backup(renamed("Two"));
    server.intercept = async ({ path, forward }) => {
      if (!path.includes("/chain")) return forward();
      const [[revision], ...more] = (await (await forward()).json()) as [number, string][] as [[number, string]];
      return Response.json([[revision, "cd".repeat(32)], ...more]);
    };
    await expect(wallet.restore()).rejects.toThrow(ForkError);
    server.intercept = ({ path }) => (path.includes("/chain") ? Response.json([]) : undefined);
    await expect(wallet.restore()).rejects.toThrow(ForkError);
    server.intercept = undefined;
    expect(await wallet.restore()).toMatchObject({ revision: 2 });
  });
});

describe("a wallet that is gone", () => {
  it("is told to who has backed it up here, and comes back only by replacing", async () => {
    await wallet.backup(dump);
    const other = await otherDevice();
    await (await other.restore()).accept();
    await other.delete();
    await expect(wallet.restore()).rejects.toThrow(WalletGoneError);
    await expect(wallet.history()).rejects.toThrow(WalletGoneError);
    await expect(wallet.backup(dump)).rejects.toThrow(WalletGoneError);
    await expect(other.restore()).rejects.toThrow(NoWalletError);
    expect(await wallet.backup(dump, { replace: true })).toMatchObject({ revision: 2 });
    expect((await wallet.restore()).dump).toEqual(dump);
  });

  it("is told to who is signed in by its seed, too", async () => {
    await wallet.backup(dump);
    const client = server.client({ storage: memoryStorage() });
    await client.signInWithSeed(SEED);
    const bySeed = await client.openWallet(SEED);
    await (await bySeed.restore()).accept();
    await wallet.delete();
    await expect(bySeed.restore()).rejects.toThrow(WalletGoneError);
    await expect(bySeed.backup(dump)).rejects.toThrow(WalletGoneError);
  });

  it("by this device leaves nothing of it here", async () => {
    await wallet.backup(dump);
    await wallet.delete();
    const kept = await storage.keys("cloudbackup/wallets/");
    expect(kept).toEqual([]);
    expect(await wallet.backup(dump)).toMatchObject({ revision: 2 });
  });

  it("ends the automatic backup, which would bring it back", async () => {
    const auto = wallet.autoBackup({ read: () => dump });
    await auto.durable();
    auto.changed();
    await wallet.delete();
    expect(auto.status.state).toBe("closed");
    await auto[Symbol.asyncDispose]();
    expect(await (await server.signedIn()).wallets()).toEqual([]);
    expect(await storage.keys("cloudbackup/wallets/")).toEqual([]);
  });

  it("is gone although the first answer to that was lost", async () => {
    await wallet.backup(dump);
    let isFirst = true;
    server.intercept = async ({ method, forward }) => {
      if (method !== "DELETE" || !isFirst) return forward();
      isFirst = false;
      await forward();
      return noNetwork();
    };
    await wallet.delete();
    expect(await storage.keys("cloudbackup/wallets/")).toEqual([]);
  });
});

describe("another user's wallet", () => {
  let bobs: WalletBackup;
  beforeEach(async () => {
    await wallet.backup(dump);
    bobs = await (await server.signedIn("bob")).openWallet(SEED);
    server.clear();
  });

  it("is told from none, to who holds the seed", async () => {
    for (const call of [() => bobs.restore(), () => bobs.history(), () => bobs.backup(dump), () => bobs.delete()]) {
      expect(await errorOf(call())).toMatchObject({ code: "ERR_CB_NOT_YOURS", username: "alice" });
    }
    expect(server.asked).not.toContain(COMMIT);
  });

  it("is told although the look leaves its session behind", async () => {
    server.intercept = ({ method }) => (method === "DELETE" ? noNetwork() : undefined);
    await expect(bobs.restore()).rejects.toThrow(NotYoursError);
  });

  it("is not written by the seed where a password's session has expired", async () => {
    server.advance(31 * 86_400_000);
    await expect(bobs.backup(renamed("By Bob"))).rejects.toThrow(NotYoursError);
    await expect(bobs.restore()).rejects.toThrow(NotYoursError);
  });
});

describe("a session", () => {
  it("that expired is renewed by the wallet's signature, once", async () => {
    await wallet.backup(dump);
    server.advance(31 * 86_400_000);
    server.clear();
    expect(await wallet.backup(renamed("Later"))).toMatchObject({ revision: 2 });
    expect((await wallet.restore()).dump).toEqual(renamed("Later"));
    expect(server.asked.filter((request) => request === "POST /v1/sessions/wallet")).toHaveLength(1);
  });

  it("that was renewed is not used for who signs in after it", async () => {
    const client = await server.signedIn("alice", { storage });
    const mine = await client.openWallet(SEED);
    await mine.backup(dump);
    server.advance(31 * 86_400_000);
    await mine.history();
    await server.signedIn("bob");
    await client.signIn({ username: "bob", password: "correct horse battery" });
    await expect(mine.history()).rejects.toThrow(NotYoursError);
    await client.signOut();
    await expect(mine.history()).rejects.toThrow(NotSignedInError);
  });

  it("by seed is renewed for the next process too", async () => {
    await wallet.backup(dump);
    const kept = memoryStorage();
    const client = server.client({ storage: kept });
    expect(await client.signInWithSeed(SEED)).toEqual({ username: "alice" });
    const bySeed = await client.openWallet(SEED);
    await bySeed.restore();
    server.advance(25 * 3_600_000);
    await bySeed.restore();
    server.clear();
    await (await server.client({ storage: kept }).openWallet(SEED)).restore();
    expect(server.asked).not.toContain("POST /v1/sessions/wallet");
  });

  it("is needed", async () => {
    const client = server.client();
    await expect((await client.openWallet(SEED)).backup(dump)).rejects.toThrow(NotSignedInError);
    await wallet.backup(dump);
    await client.signInWithSeed(SEED);
    await expect((await client.openWallet(OTHER_SEED)).backup(dump)).rejects.toThrow(NotSignedInError);
  });

  it("that expired, of a wallet that is not there, is what is wrong", async () => {
    server.advance(31 * 86_400_000);
    await expect(wallet.restore()).rejects.toThrow(NotSignedInError);
  });
});

describe("a download that is not right is an error, never an empty wallet:", () => {
  const bundle =
    (change: (bytes: Uint8Array) => Uint8Array): Intercept =>
    async ({ path, forward }) => {
      if (path !== LATEST) return forward();
      const bytes = new Uint8Array(await (await forward()).arrayBuffer());
      return new Response(change(bytes) as BodyInit, { headers: { "content-type": "application/cbor-seq" } });
    };
  const head = (change: object) => (bytes: Uint8Array) => {
    const { head: before, items } = decodeBundle(bytes);
    return encodeBundle({ head: { ...before, ...change }, items });
  };

  it.each<[string, (bytes: Uint8Array) => Uint8Array, new (...args: never[]) => Error]>([
    ["nothing", () => new Uint8Array(), TamperedError],
    ["half of it", (bytes) => bytes.slice(0, bytes.length / 2), TamperedError],
    ["a changed bit", (bytes) => bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1), TamperedError],
    ["a chunk less", (bytes) => encodeBundle({ head: decodeBundle(bytes).head, items: [] }), IncompleteError],
    ["another revision", head({ revision: 9 }), TamperedError],
    ["another format", (bytes) => bytes.with(bytes.indexOf(0x66) + 7, 2), UnsupportedVersionError],
  ])("%s", async (_, change, kind) => {
    await wallet.backup(dump);
    server.intercept = bundle(change);
    const failed = await errorOf((await otherDevice()).restore());
    expect(failed).toBeInstanceOf(Error);
    if (kind !== UnsupportedVersionError) expect(failed).toBeInstanceOf(kind);
    else expect(["ERR_CB_UNSUPPORTED_VERSION", "ERR_CB_TAMPERED"]).toContain(failed.code);
  });

  it("another wallet's", async () => {
    await wallet.backup(dump);
    const other = await (await server.signedIn("alice")).openWallet(OTHER_SEED);
    await other.backup(dump);
    let theirs: Uint8Array | undefined;
    server.intercept = async ({ path, forward }) => {
      if (path !== LATEST) return forward();
      theirs ??= new Uint8Array(await (await forward()).arrayBuffer());
      return new Response(theirs.slice() as BodyInit, { headers: { "content-type": "application/cbor-seq" } });
    };
    await other.restore();
    expect(await errorOf(wallet.restore())).toMatchObject({ code: "ERR_CB_DOES_NOT_DECRYPT" });
  });

  it("a revision that was not asked for", async () => {
    await wallet.backup(dump);
    await wallet.backup(renamed("Two"));
    server.intercept = ({ path, init }) =>
      path === `${BACKUPS}/1` ? fetch(`${server.url}/v1/wallets/${wallet.id}/backups/2`, init) : undefined;
    await expect(wallet.restore({ revision: 1 })).rejects.toThrow(TamperedError);
  });

  it("a backup that the server says was never there", async () => {
    await wallet.backup(dump);
    server.intercept = ({ path }) => (path === LATEST ? problem(404, "no-backup") : undefined);
    await expect(wallet.restore()).rejects.toThrow(WentBackError);
    await expect((await otherDevice()).restore()).rejects.toThrow(NoBackupError);
  });

  it("more than the device takes", async () => {
    await wallet.backup(dump);
    const small = await (await server.signedIn("alice", { maxDownloadBytes: 1_000 })).openWallet(SEED);
    await expect(small.restore()).rejects.toThrow(TooLargeError);
  });
});

it("options that could lose something are what they must be", async () => {
  const wrong = [{ replace: "no" }, { allowShrink: 1 }, { remove: "labels" }];
  for (const options of wrong) await expect(wallet.backup(dump, options as never)).rejects.toThrow(TypeError);
});

describe("replace", () => {
  it("where the server's latest does not open folds the chain from the newest that does", async () => {
    await wallet.backup(dump);
    await wallet.backup(renamed("Two"));
    const other = await otherDevice();
    server.intercept = async ({ path, forward }) => {
      if (path !== `${BACKUPS}/2?chunks=none`) return forward();
      const head = decodeBundleHead(new Uint8Array(await (await forward()).arrayBuffer()));
      const envelope = head.envelope.with(100, head.envelope[100] === 0 ? 1 : 0);
      return new Response(encodeBundle({ head: { ...head, envelope }, items: [] }) as BodyInit, {
        headers: { "content-type": "application/cbor-seq" },
      });
    };
    expect(await other.backup(renamed("Three"), { replace: true })).toMatchObject({ revision: 3 });
    server.intercept = undefined;
    // Not a fork for who has seen revision 2.
    expect(await wallet.restore()).toMatchObject({ revision: 3, dump: renamed("Three") });
  });

  it("where nothing opens begins a chain", async () => {
    await wallet.backup(dump);
    const other = await otherDevice();
    server.intercept = ({ path }) =>
      path.endsWith("?chunks=none")
        ? new Response("rubbish", { headers: { "content-type": "application/cbor-seq" } })
        : undefined;
    expect(await other.backup(renamed("Two"), { replace: true })).toMatchObject({ revision: 2 });
    server.intercept = undefined;
    expect(await (await otherDevice()).restore()).toMatchObject({ revision: 2 });
    await expect(wallet.restore()).rejects.toThrow(ForkError);
  });

  it("does not hide that the server cannot be reached", async () => {
    await wallet.backup(dump);
    const other = await otherDevice();
    server.intercept = ({ path }) => (path.endsWith("?chunks=none") ? noNetwork() : undefined);
    await expect(other.backup(dump, { replace: true })).rejects.toThrow(UnreachableError);
  });
});

describe("a large backup", () => {
  const large = { ...dump, "acme.photos": new RawSection("acme.photos", cborBytes(noise(9 * 1024 * 1024))) };

  /** A CBOR byte string. */
  function cborBytes(bytes: Uint8Array): Uint8Array {
    const item = new Uint8Array(5 + bytes.length);
    item[0] = 0x5a;
    new DataView(item.buffer).setUint32(1, bytes.length);
    item.set(bytes, 5);
    return item;
  }

  it("goes up in batches, goes on where it stopped, and comes back", async () => {
    const CHUNKS = "/v1/wallets/…/chunks";
    const bodies: number[] = [];
    let isCut = true;
    server.intercept = ({ method, path, body }) => {
      if (method !== "POST" || path !== CHUNKS) return undefined;
      if (isCut && bodies.length === 2) return noNetwork();
      bodies.push(body?.length ?? 0);
      return undefined;
    };
    await expect(wallet.backup(large)).rejects.toThrow(UnreachableError);
    wallet.close();
    expect(bodies).toHaveLength(2);
    const sentBefore = bodies.reduce((a, b) => a + b, 0);

    isCut = false;
    const restarted = await nextProcess();
    const progress = vi.fn();
    const receipt = await restarted.backup(large, { onProgress: progress });
    expect(Math.max(...bodies)).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(receipt.bytesSent).toBeLessThan(9.6 * 1024 * 1024 - sentBefore);
    expect(server.asked.filter((request) => request === `POST ${CHUNKS}/missing`)).toHaveLength(1);
    const done = progress.mock.calls.map(([{ done }]) => done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    const { done: last, total } = progress.mock.calls.at(-1)?.[0] ?? {};
    expect(last).toBe(total);

    server.intercept = undefined;
    const downloaded = vi.fn();
    const restored = await (await otherDevice()).restore({ onProgress: downloaded });
    expect((restored.dump["acme.photos"] as RawSection).body).toEqual(large["acme.photos"].body);
    expect(downloaded.mock.calls.at(-1)?.[0]).toMatchObject({ phase: "open" });
    expect((await restarted.verify(large)).ok).toBe(true);
    const update = await restarted.backup(renamed("Renamed", large));
    expect(update.bytesSent).toBeLessThan(20_000);
  });
});

describe("chunks that the server lost", () => {
  it("are sent again, from what this device keeps", async () => {
    await wallet.backup(dump);
    let isFirst = true;
    const sent: string[] = [];
    server.intercept = ({ method, path }) => {
      sent.push(`${method} ${path}`);
      if (method !== "POST" || path !== BACKUPS || !isFirst) return undefined;
      isFirst = false;
      return problem(422, "chunks-missing", { ids: ["no hex at all"] });
    };
    expect(await wallet.backup({ ...dump, labels: labels.slice(1) })).toMatchObject({ revision: 2 });
    expect(sent).toContain("POST /v1/wallets/…/chunks/missing");
  });
});

it("does not take a receipt for another backup", async () => {
  await wallet.backup(dump);
  server.intercept = async ({ method, path, forward }) => {
    if (method !== "POST" || path !== BACKUPS) return forward();
    return Response.json({ ...(await (await forward()).json()), sha256: "ab".repeat(32) });
  };
  expect(await errorOf(wallet.backup(renamed("x")))).toMatchObject({ code: "ERR_CB_BAD_RESPONSE", retryable: false });
  server.intercept = undefined;
  expect(await wallet.backup(renamed("x"))).toMatchObject({ revision: 2, changed: false });
});

it("verify tells section by section", async () => {
  await wallet.backup({ ...dump, "acme.notes": ["a"] });
  const { accounts, pairings } = renamed("Renamed");
  const report = await wallet.verify({ accounts, pairings, labels, "acme.new": ["b"] });
  expect(report).toMatchObject({
    ok: false,
    revision: 1,
    gen: 1,
    checkedAt: expect.any(Date),
    writtenAt: expect.any(Date),
  });
  expect(report.sections.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    "accounts differs",
    "acme.new missing",
    "acme.notes carried",
    "labels same",
    "pairings same",
  ]);
  expect((await wallet.verify(dump)).ok).toBe(true);
});

describe("closing", () => {
  it("wipes the keys: every later call throws, and nothing is sent", async () => {
    const restored = await wallet.backup(dump).then(() => wallet.restore());
    wallet.close();
    wallet.close();
    server.clear();
    const calls = [
      () => wallet.backup(dump),
      () => wallet.restore(),
      () => wallet.history(),
      () => wallet.verify(dump),
      () => wallet.delete(),
      () => restored.accept(),
    ];
    for (const call of calls) await expect(call()).rejects.toThrow(/closed/);
    expect(server.asked).toEqual([]);
    expect(wallet.id).toHaveLength(64);
  });

  it("lets what runs end", async () => {
    const running = wallet.backup(dump);
    await wallet[Symbol.asyncDispose]();
    expect(await running).toMatchObject({ revision: 1 });
    expect(await (await nextProcess()).backup(dump)).toMatchObject({ changed: false });
  });

  it("leaves the keys that it was opened with", async () => {
    const keys = deriveBackupKeys(SEED, new Uint8Array(16).fill(1));
    const opened = await (await server.signedIn("alice")).openWallet(keys);
    expect(opened.id).toBe(wallet.id);
    opened.close();
    expect(keys.export()).toHaveLength(65);
  });

  it("ends the automatic backup, of which there is one at a time", async () => {
    const auto = wallet.autoBackup({ read: () => dump });
    expect(() => wallet.autoBackup({ read: () => dump })).toThrow(TypeError);
    await auto.durable();
    auto.close();
    const second = wallet.autoBackup({ read: () => dump });
    wallet.close();
    expect(second.status.state).toBe("closed");
  });
});

describe("an automatic backup", () => {
  let client: Client;

  /** Another device changes a name. */
  async function writeElsewhere(): Promise<void> {
    const other = await otherDevice();
    await (await other.restore()).accept();
    await other.backup(renamed("Other device"));
  }

  /** Holds the next such request until it is released. */
  function holdNext(request: string) {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let held = false;
    server.intercept = async ({ method, path, forward }) => {
      if (held || `${method} ${path}` !== request) return forward();
      held = true;
      await released;
      return forward();
    };
    return { release, isHeld: () => held };
  }

  it("stores a change that a process before it only marked", async () => {
    await wallet.backup(dump);
    const dying = wallet.autoBackup({ read: () => dump });
    dying.changed();
    wallet.close();
    const restarted = await nextProcess();
    const auto = restarted.autoBackup({ read: () => renamed("Found") });
    expect(await auto.durable()).toMatchObject({ revision: 2 });
    auto.close();
    expect(await (await otherDevice()).restore()).toMatchObject({ dump: renamed("Found") });
  });

  it("knows at the next start since when what is safe, and what is not", async () => {
    const clock = new FakeClock();
    const begun = new Date(clock.now());
    wallet = await (await server.signedIn("alice", { storage, clock })).openWallet(SEED);
    const first = wallet.autoBackup({ read: () => dump });
    const { storedAt } = await first.durable();
    expect(first.status).toMatchObject({ state: "idle", storedAt, unsavedSince: undefined });
    await clock.advance(60_000);
    const changedAt = new Date(clock.now());
    first.changed();
    wallet.close();
    await clock.advance(60_000);
    const restarted = await (await server.signedIn("alice", { storage, clock, retry: { attempts: 1 } })).openWallet(
      SEED,
    );
    server.intercept = noNetwork;
    const auto = restarted.autoBackup({ read: () => renamed("Changed") });
    await until(() => auto.status.state === "failed");
    // By its writer's clock now.
    expect(auto.status).toMatchObject({ storedAt: begun, unsavedSince: changedAt });
    restarted.close();
  });

  it("goes on when the platform has a network again", async () => {
    let isOnline = false;
    let tell = () => {};
    const connectivity = {
      isOnline: () => isOnline,
      onChange(listener: () => void) {
        tell = listener;
        return () => {};
      },
    };
    wallet = await (await server.signedIn("alice", { connectivity })).openWallet(SEED);
    const auto = wallet.autoBackup({ read: () => dump });
    await until(() => auto.status.state === "offline");
    expect(server.asked).toEqual([]);
    isOnline = true;
    tell();
    await until(() => auto.status.state === "idle");
    expect(auto.status.receipt).toMatchObject({ revision: 1 });
  });

  it("shows how far it is", async () => {
    const seen: (Progress | undefined)[] = [];
    const auto = wallet.autoBackup({ read: () => dump, onStatus: ({ progress }) => seen.push(progress) });
    const { bytesSent: done } = await auto.durable();
    expect(seen).toContainEqual({ phase: "upload", done: 0, total: done });
    expect(seen).toContainEqual({ phase: "upload", done, total: done });
    expect(auto.status.progress).toBeUndefined();
    auto.close();
  });

  describe("that is told which sections changed", () => {
    const clock = new FakeClock();
    let held: Dump;
    let auto: AutoBackup;
    beforeEach(async () => {
      client = await server.signedIn("alice", { storage, clock });
      wallet = await client.openWallet(SEED);
      held = dump;
      auto = wallet.autoBackup({ read: () => held });
      await auto.durable();
    });

    /** Once the backup of a change is stored. */
    async function changed(sections?: string[]): Promise<void> {
      const before = auto.status.receipt;
      auto.changed(sections);
      await clock.advance(1_000);
      await until(() => auto.status.receipt !== before || auto.status.state === "conflict");
      expect(auto.status).toMatchObject({ state: "idle", error: undefined });
    }
    const stored = async () => (await (await otherDevice()).restore()).dump;
    const label = (text: string) => [{ type: "tx", ref: "aa", label: text }];

    it("backs up those, and by its next look whatever else changed", async () => {
      held = { ...renamed("Not told"), labels: label("Told") };
      await changed(["labels"]);
      expect(await stored()).toEqual({ ...dump, labels: label("Told") });
      await changed();
      expect(await stored()).toEqual(held);
    });

    it("does not take it for the word on another's dump", async () => {
      await wallet.backup(renamed("By hand"));
      held = { ...dump, labels: label("Told") };
      await changed(["labels"]);
      expect(await stored()).toEqual(held);
    });

    it("nor on what was restored meanwhile", async () => {
      const other = await otherDevice();
      await (await other.restore()).accept();
      await other.backup(renamed("Other device"));
      held = { ...dump, labels: label("Mine") };
      auto.changed(["labels"]);
      const restored = await wallet.restore();
      held = { ...restored.dump, labels: label("Mine") };
      await restored.accept();
      await clock.advance(1_000);
      await until(() => auto.status.state === "idle");
      expect(await stored()).toEqual({ ...renamed("Other device"), labels: label("Mine") });
    });

    it("nor on what was restored by another handle", async () => {
      const another = await client.openWallet(SEED);
      await writeElsewhere();
      const restored = await another.restore();
      held = restored.dump;
      await restored.accept();
      held = { ...held, labels: label("Mine") };
      await changed(["labels"]);
      expect(await stored()).toEqual({ ...renamed("Other device"), labels: label("Mine") });
    });

    it("and not at all where another client on this storage has restored what this one does not hold", async () => {
      const another = await nextProcess();
      await writeElsewhere();
      await (await another.restore()).accept();
      held = { ...dump, labels: label("Mine") };
      auto.changed(["labels"]);
      await clock.advance(1_000);
      await until(() => auto.status.state === "conflict");
      expect(await stored()).toEqual(renamed("Other device"));
    });

    it("nor on a dump that waited for its turn while another content was restored", async () => {
      await writeElsewhere();
      const { release, isHeld } = holdNext("GET /v1/wallets/…");
      const byHand = errorOf(wallet.backup(held));
      await until(isHeld);
      held = { ...dump, labels: label("Mine") };
      auto.changed(["labels"]);
      await clock.advance(1_000);
      const restored = await wallet.restore();
      held = { ...restored.dump, labels: label("Mine") };
      const accepted = restored.accept();
      release();
      await accepted;
      expect(await byHand).toBeInstanceOf(RevisionConflictError);
      await clock.advance(1_000);
      await until(() => auto.status.state === "idle");
      held = { ...held, labels: label("Mine, too") };
      await changed(["labels"]);
      expect(await stored()).toEqual({ ...renamed("Other device"), labels: label("Mine, too") });
    });
  });

  it.each([
    ["this handle", async () => wallet],
    ["another handle", () => client.openWallet(SEED)],
  ])("does not write what it read before %s took a backup over", async (_, open) => {
    const clock = new FakeClock();
    client = await server.signedIn("alice", { storage, clock });
    wallet = await client.openWallet(SEED);
    let held: Dump = dump;
    let gate = Promise.resolve();
    const read = vi.fn(async () => {
      const before = held;
      await gate;
      return before;
    });
    const auto = wallet.autoBackup({ read });
    await auto.durable();
    await writeElsewhere();
    let release = () => {};
    gate = new Promise((resolve) => {
      release = resolve;
    });
    read.mockClear();
    auto.changed();
    await clock.advance(1_000);
    await until(() => read.mock.calls.length === 1);
    const restored = await (await open()).restore();
    held = restored.dump;
    await restored.accept();
    release();
    await until(() => auto.status.state !== "saving");
    await clock.advance(1_000);
    await until(() => auto.status.state === "idle");
    const latest = await (await otherDevice()).restore();
    expect(latest).toMatchObject({ dump: held, revision: restored.revision });
  });

  it("shows a conflict, and goes on after a restore", async () => {
    await wallet.backup(dump);
    const other = await otherDevice();
    await (await other.restore()).accept();
    await other.backup(renamed("Other"));
    const auto = wallet.autoBackup({ read: () => renamed("Mine") });
    await expect(auto.durable()).rejects.toThrow(RevisionConflictError);
    expect(auto.status.state).toBe("conflict");
    await (await wallet.restore()).accept();
    expect(await auto.durable()).toMatchObject({ revision: 3 });
    auto.close();
  });
});

it("types the sections that a wallet defined", async () => {
  const client: Client = await server.signedIn("alice");
  expect((await client.wallets()).map(({ walletId }) => walletId)).toEqual([]);
  await wallet.backup(dump);
  expect(await client.wallets()).toMatchObject([{ walletId: wallet.id, revision: 1 }]);
  expect((await client.sessions()).filter(({ current }) => current)).toMatchObject([{ kind: "password" }]);
});
