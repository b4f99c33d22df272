import { type Dump, encodeDump, RawSection } from "@cloudbackup/core";
import { decodeBundle, decodeChunkItems } from "@cloudbackup/core/wire";
import { beforeEach, describe, expect, it } from "vitest";
import {
  RestoreFirstError,
  RevisionConflictError,
  UnreachableError,
  WentBackError,
  WouldShrinkError,
} from "../../src/errors.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import type { WalletBackup } from "../../src/wallet-backup.ts";
import type { BackupOptions } from "../../src/write-backup.ts";
import { errorOf } from "../support/errors.ts";
import { until } from "../support/fake-clock.ts";
import {
  account,
  dump,
  type Intercept,
  labels,
  noise,
  noNetwork,
  type RealServer,
  renamed,
  SEED,
  startServer,
} from "../support/wallets.ts";

const BACKUPS = "/v1/wallets/…/backups";
const CHUNKS = "/v1/wallets/…/chunks";
const COMMIT = `POST ${BACKUPS}`;
const MIB = 1024 * 1024;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

let server: RealServer;
let storage: Storage;
let wallet: WalletBackup;
beforeEach(async () => {
  server = await startServer();
  storage = memoryStorage();
  wallet = await processOn(storage);
});

/** Another process on a storage. */
async function processOn(kept: Storage): Promise<WalletBackup> {
  const opened = await (await server.signedIn("alice", { storage: kept })).openWallet(SEED);
  server.clear();
  return opened;
}

async function nextProcess(): Promise<WalletBackup> {
  wallet.close();
  wallet = await processOn(storage);
  return wallet;
}

/** Another device writes a revision. */
async function writeElsewhere(content: Dump): Promise<void> {
  const other = await processOn(memoryStorage());
  await (await other.restore()).accept();
  await other.backup(content);
}

async function stored() {
  const other = await processOn(memoryStorage());
  const restored = await other.restore();
  return { dump: restored.dump, revisions: (await other.history()).map(({ revision }) => revision) };
}

interface Sent {
  commits: { revision: number; envelope: string; items: Map<string, string>; bytes: number }[];
  /** By id, in the order in which they were put. */
  chunks: [id: string, sealed: string][];
}

/** Reads what is sent, and lets `fate` decide what becomes of it. */
function watch(fate?: Intercept): Sent {
  const sent: Sent = { commits: [], chunks: [] };
  server.intercept = (request) => {
    const { method, path, body } = request;
    if (method === "POST" && path === BACKUPS && body) {
      const { head, items } = decodeBundle(body);
      const sealed = new Map(items.map((item) => [hex(item.id), hex(item.sealed)]));
      sent.commits.push({ revision: head.revision, envelope: hex(head.envelope), items: sealed, bytes: body.length });
    }
    const answer = fate?.(request);
    if (method === "POST" && path === CHUNKS && body && !answer) {
      for (const { id, sealed } of decodeChunkItems(body)) sent.chunks.push([hex(id), hex(sealed)]);
    }
    return answer;
  };
  return sent;
}

const isCommit = ({ method, path }: { method: string; path: string }) => method === "POST" && path === BACKUPS;

/** Nothing of a commit arrives. */
const cut: Intercept = (request) => (isCommit(request) ? noNetwork() : undefined);

/** The commit arrives, and nothing comes back. */
const loseReply: Intercept = async (request) => {
  if (!isCommit(request)) return request.forward();
  await (await request.forward()).arrayBuffer();
  return noNetwork();
};

/** Begins a backup of which nothing arrives, and dies. */
async function beginAndDie(content: Dump, options: BackupOptions = {}): Promise<Sent> {
  const sent = watch(cut);
  await expect(wallet.backup(content, options)).rejects.toThrow(UnreachableError);
  server.intercept = undefined;
  await nextProcess();
  return sent;
}

function problem(status: number, code: string, members: object = {}): Response {
  const headers = { "content-type": "application/problem+json" };
  return new Response(JSON.stringify({ code, title: code, ...members }), { status, headers });
}

const keysOf = async (part: string) => (await storage.keys("cloudbackup/wallets/")).filter((key) => key.includes(part));

/** A dump whose photos do not compress. */
function withPhotos(bytes: number, from: Dump = dump): Dump {
  const item = new Uint8Array(5 + bytes);
  item[0] = 0x5a;
  new DataView(item.buffer).setUint32(1, bytes);
  item.set(noise(bytes), 5);
  return { ...from, "acme.photos": new RawSection("acme.photos", item) };
}

describe("a backup whose process dies", () => {
  it("before the reply comes is one revision, of that envelope", async () => {
    await wallet.backup(dump);
    const sent = watch(loseReply);
    await expect(wallet.backup(renamed("Lost"))).rejects.toThrow(UnreachableError);
    server.intercept = undefined;
    const receipt = await (await nextProcess()).backup(renamed("Lost"));
    expect(server.asked).not.toContain(COMMIT);
    expect(receipt).toMatchObject({ revision: 2, changed: false });
    expect(await stored()).toEqual({ dump: renamed("Lost"), revisions: [2, 1] });
    expect(new Set(sent.commits.map(({ envelope }) => envelope)).size).toBe(1);
  });

  it("before anything arrives is sent by the next process, byte for byte", async () => {
    await wallet.backup(dump);
    const content = withPhotos(100_000, renamed("Never"));
    const before = await beginAndDie(content);
    const after = watch();
    const receipt = await wallet.backup(content);
    expect(receipt).toMatchObject({ revision: 2, changed: true, bytesSent: after.commits[0]?.bytes });
    expect(after.commits[0]?.items.size).toBeGreaterThan(2);
    expect(after.commits).toEqual([before.commits[0]]);
    expect(server.asked).toEqual(["GET /v1/wallets/…", `POST ${CHUNKS}/missing`, COMMIT]);
    expect(await stored()).toEqual({ dump: content, revisions: [2, 1] });
    expect(await wallet.backup(content)).toMatchObject({ revision: 2, changed: false, sha256: receipt.sha256 });
  });

  it("with its very first backup does not make it twice either", async () => {
    const before = await beginAndDie(dump);
    const after = watch();
    expect(await wallet.backup(dump)).toMatchObject({ revision: 1, changed: true });
    expect(after.commits.map(({ envelope }) => envelope)).toEqual([before.commits[0]?.envelope]);
    expect(await stored()).toEqual({ dump, revisions: [1] });
  });

  it("leaves its backup to one that asks for the same while the first commit is still under way", async () => {
    await wallet.backup(dump);
    const late: (() => Promise<Response>)[] = [];
    watch((request) => {
      if (!isCommit(request)) return undefined;
      late.push(request.forward);
      return noNetwork();
    });
    await errorOf(wallet.backup(renamed("Late")));
    await nextProcess();
    watch(async (request) => {
      if (isCommit(request)) await (await late.pop()?.())?.arrayBuffer();
      return request.forward();
    });
    expect(await wallet.backup(renamed("Late"))).toMatchObject({ revision: 2 });
    server.intercept = undefined;
    expect(await stored()).toEqual({ dump: renamed("Late"), revisions: [2, 1] });
  });

  it("between two batches of a large one goes on where it stopped", async () => {
    const large = withPhotos(9 * MIB);
    let puts = 0;
    const before = watch(({ method, path }) =>
      method === "POST" && path === CHUNKS && ++puts > 1 ? noNetwork() : undefined,
    );
    await expect(wallet.backup(large)).rejects.toThrow(UnreachableError);
    expect(before.commits).toEqual([]);
    const [kept = ""] = await keysOf("/pending/");
    await nextProcess();

    const after = watch();
    const receipt = await wallet.backup(large);
    expect(kept.endsWith(receipt.sha256)).toBe(true);
    expect(after.chunks.length).toBeGreaterThan(50);
    const ids = [...before.chunks, ...after.chunks].map(([id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const sentBytes = after.chunks.reduce((bytes, [, sealed]) => bytes + sealed.length / 2, 0);
    expect(receipt.bytesSent).toBeLessThan(sentBytes + 60_000);
    expect(sentBytes).toBeLessThan(6 * MIB);
    const { dump: found, revisions } = await stored();
    expect(revisions).toEqual([1]);
    const photos = (content: Dump) => (content["acme.photos"] as RawSection).body;
    expect(Buffer.compare(photos(found), photos(large))).toBe(0);
    expect({ ...found, "acme.photos": [] }).toEqual({ ...dump, "acme.photos": [] });
  });

  it("after all chunks are there sends the commit alone", async () => {
    const large = withPhotos(5 * MIB);
    const before = await beginAndDie(large);
    expect(before.chunks.length).toBeGreaterThan(50);
    // Nobody needs them here any more.
    for (const key of await keysOf("/chunks/")) await storage.delete(key);
    const after = watch();
    await wallet.backup(large);
    expect(after.chunks).toEqual([]);
    expect(after.commits).toEqual([before.commits[0]]);
  });

  it("and whose wallet has changed since is two revisions, one after the other", async () => {
    await wallet.backup(dump);
    const before = await beginAndDie(renamed("Begun"));
    const after = watch();
    const receipt = await wallet.backup(renamed("Since"));
    expect(receipt).toMatchObject({ revision: 3, changed: true });
    expect(after.commits).toHaveLength(2);
    expect(after.commits[0]?.envelope).toBe(before.commits[0]?.envelope);
    server.intercept = undefined;
    expect(await stored()).toEqual({ dump: renamed("Since"), revisions: [3, 2, 1] });
    expect((await wallet.restore({ revision: 2 })).dump).toEqual(renamed("Begun"));
  });

  it("is found by the automatic backup of the next", async () => {
    await wallet.backup(dump);
    const before = await beginAndDie(renamed("Begun"));
    const after = watch();
    const auto = wallet.autoBackup({ read: () => renamed("Begun") });
    await until(() => auto.status.receipt?.revision === 2 && auto.status.state === "idle");
    expect(after.commits.map(({ envelope }) => envelope)).toEqual([before.commits[0]?.envelope]);
  });
});

describe("a backup that was begun", () => {
  beforeEach(async () => {
    await wallet.backup(dump);
  });

  it("and aborted is brought to an end by the next", async () => {
    const controller = new AbortController();
    const before = watch((request) => {
      if (!isCommit(request)) return undefined;
      controller.abort("enough");
      return noNetwork();
    });
    expect(await errorOf(wallet.backup(renamed("Aborted"), { signal: controller.signal }))).toBe("enough");
    const after = watch();
    expect(await wallet.backup(renamed("Aborted"))).toMatchObject({ revision: 2, changed: true });
    expect(after.commits.map(({ envelope }) => envelope)).toEqual([before.commits[0]?.envelope]);
  });

  it("was allowed to shrink then; what follows is not", async () => {
    const one = { ...dump, accounts: [account(0)] };
    await beginAndDie(one, { allowShrink: true });
    expect(await wallet.backup(one)).toMatchObject({ revision: 2, changed: true });
    const none = { ...one, accounts: [] };
    await beginAndDie({ ...one, labels: labels.slice(1) });
    await expect(wallet.backup({ ...none, labels: labels.slice(1) })).rejects.toThrow(WouldShrinkError);
    expect((await stored()).dump).toEqual({ ...one, labels: labels.slice(1) });
  });

  it("removes what it was to remove", async () => {
    await wallet.backup({ ...dump, "acme.notes": ["a"] });
    const { labels: _, ...rest } = dump;
    await beginAndDie(rest, { remove: ["labels"] });
    expect(await wallet.backup(rest)).toMatchObject({ revision: 3, changed: true });
    expect((await stored()).dump).not.toHaveProperty("labels");
  });

  it("replaces what it was to replace", async () => {
    storage = memoryStorage();
    await nextProcess();
    const before = await beginAndDie(renamed("Replaced"), { replace: true });
    const after = watch();
    expect(await wallet.backup(renamed("Replaced"))).toMatchObject({ revision: 2, changed: true });
    expect(after.commits.map(({ envelope }) => envelope)).toEqual([before.commits[0]?.envelope]);
    expect((await stored()).dump).toEqual(renamed("Replaced"));
  });

  it("but does not replace what came since", async () => {
    storage = memoryStorage();
    await nextProcess();
    await beginAndDie(renamed("Replaced"), { replace: true });
    await writeElsewhere(renamed("Other device"));
    await expect(wallet.backup(renamed("Replaced"))).rejects.toThrow(RestoreFirstError);
    expect(await stored()).toEqual({ dump: renamed("Other device"), revisions: [2, 1] });
  });

  it("cannot follow on another device's, and goes with its chunks", async () => {
    await beginAndDie(withPhotos(100_000));
    expect(await keysOf("/pending/")).toHaveLength(1);
    await writeElsewhere(renamed("Other device"));
    server.clear();
    await expect(wallet.backup(withPhotos(100_000))).rejects.toThrow(RevisionConflictError);
    expect(server.asked).toEqual(["GET /v1/wallets/…"]);
    await (await wallet.restore()).accept();
    expect(await keysOf("/pending/")).toEqual([]);
    const whole = await keysOf("/chunks/");
    const fresh = memoryStorage();
    await (await (await processOn(fresh)).restore()).accept();
    expect(whole.length).toBe(
      (await fresh.keys("cloudbackup/wallets/")).filter((key) => key.includes("/chunks/")).length,
    );
    expect(await wallet.backup(renamed("Mine"))).toMatchObject({ revision: 3 });
  });

  it("is not what a server that went back is given", async () => {
    const shown = await (await processOn(memoryStorage())).history();
    const before = await beginAndDie(renamed("Begun"));
    await writeElsewhere(renamed("Other device"));
    await wallet.restore();
    const sent = watch(async ({ method, path, forward }) => {
      if (method !== "GET" || path !== "/v1/wallets/…") return forward();
      return Response.json({ ...(await (await forward()).json()), revision: 1, sha256: shown[0]?.sha256 });
    });
    await expect(wallet.backup(renamed("Begun"))).rejects.toThrow(WentBackError);
    expect(sent.commits).toEqual([]);
    // The server went nowhere, and says so to who wants to replace what it had.
    await expect(wallet.backup(renamed("Begun"), { replace: true })).rejects.toThrow(RevisionConflictError);
    expect(sent.commits.map(({ revision }) => revision)).toEqual([3]);
    expect(sent.commits[0]?.envelope).not.toBe(before.commits[0]?.envelope);
  });

  it("is a conflict where another device comes first while it is sent again", async () => {
    await beginAndDie(renamed("Slower"));
    let isFirst = true;
    server.intercept = async (request) => {
      if (!isCommit(request) || !isFirst) return request.forward();
      isFirst = false;
      await writeElsewhere(renamed("Faster"));
      return request.forward();
    };
    await expect(wallet.backup(renamed("Slower"))).rejects.toThrow(RevisionConflictError);
    // The other's, since it came: what cannot be taken is not made anew.
    expect(server.asked.filter((request) => request === COMMIT)).toHaveLength(1);
    expect(await keysOf("/pending/")).toEqual([]);
    expect((await stored()).dump).toEqual(renamed("Faster"));
  });

  it("and is refused now makes room for what the wallet holds now", async () => {
    const before = await beginAndDie(withPhotos(100_000));
    const after = watch((request) =>
      isCommit(request) && after.commits.length === 1 ? Promise.resolve(problem(507, "quota-exceeded")) : undefined,
    );
    expect(await wallet.backup(renamed("Smaller"))).toMatchObject({ revision: 2, changed: true });
    expect(after.commits.map(({ envelope }) => envelope === before.commits[0]?.envelope)).toEqual([true, false]);
    expect(await stored()).toEqual({ dump: renamed("Smaller"), revisions: [2, 1] });
  });

  it("waits while the server cannot be reached, and nothing is put beside it", async () => {
    await beginAndDie(renamed("Begun"));
    const [kept] = await keysOf("/pending/");
    for (const name of ["One", "Two"]) {
      watch(cut);
      await expect(wallet.backup(renamed(name))).rejects.toThrow(UnreachableError);
      expect(await keysOf("/pending/")).toEqual([kept]);
    }
  });

  it("is sent by two processes at once as one revision", async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const sent = watch((request) =>
      isCommit(request) && sent.commits.length === 1 ? released.then(request.forward) : undefined,
    );
    const first = wallet.backup(renamed("Both"));
    await until(() => sent.commits.length === 1);
    const second = await (await processOn(storage)).backup(renamed("Both"));
    release();
    expect((await first).sha256).toBe(second.sha256);
    expect(new Set(sent.commits.map(({ envelope }) => envelope)).size).toBe(1);
    server.intercept = undefined;
    expect(await stored()).toEqual({ dump: renamed("Both"), revisions: [2, 1] });
    expect(await wallet.backup(renamed("Next"))).toMatchObject({ revision: 3 });
  });

  it("goes with the wallet", async () => {
    await beginAndDie(renamed("Begun"));
    await wallet.delete();
    expect(await storage.keys("cloudbackup/wallets/")).toEqual([]);
    await wallet.backup(renamed("Anew"));
    expect(await stored()).toEqual({ dump: renamed("Anew"), revisions: [2] });
  });
});

it("keeps ciphertext alone", async () => {
  const secret = { ...renamed("Plainly readable"), "acme.notes": [{ text: "zebra crossing at noon" }] };
  const words = ["Plainly readable", "My phone", "zebra crossing", "mainnet/m/84'", "No. 299", labels[7]?.ref ?? ""];
  const found = (values: Iterable<Uint8Array>) => {
    const all = [...values].map((bytes) => Buffer.from(bytes).toString("latin1")).join("\n");
    return words.filter((word) => all.includes(word));
  };
  // All of them can be found where they are readable.
  expect(found(encodeDump(secret).values())).toEqual(words);
  await wallet.backup(dump);
  await beginAndDie(secret);
  const keys = await storage.keys("");
  expect(keys.filter((key) => key.includes("/pending/"))).toHaveLength(1);
  expect(keys.filter((key) => key.includes("/chunks/")).length).toBeGreaterThan(1);
  const values = await Promise.all(keys.map(async (key) => (await storage.get(key)) as Uint8Array));
  expect(found(values)).toEqual([]);
});

describe("what was kept of a begun backup and is damaged counts as absent:", () => {
  const change = (at: (length: number) => number) => async (key: string) => {
    const bytes = (await storage.get(key)) as Uint8Array;
    const index = at(bytes.length);
    await storage.set(key, bytes.with(index, (bytes[index] ?? 0) ^ 1));
  };
  it.each<[string, (key: string) => Promise<void>]>([
    ["its state", change(() => 60)],
    ["its head", change((length) => length - 1)],
    ["its length", change(() => 0)],
    ["a little", async (key) => storage.set(key, ((await storage.get(key)) as Uint8Array).subarray(0, -1))],
    ["nearly all", async (key) => storage.set(key, Uint8Array.of(0, 0, 1))],
    ["all", async (key) => storage.set(key, new Uint8Array())],
    [
      "its name",
      async (key) => {
        await storage.set(`${key.slice(0, -64)}${"ab".repeat(32)}`, (await storage.get(key)) as Uint8Array);
        await storage.delete(key);
      },
    ],
    [
      "its chunks",
      async () => {
        for (const each of await keysOf("/chunks/")) await storage.delete(each);
      },
    ],
  ])("%s", async (_, damage) => {
    const photos = withPhotos(100_000);
    await wallet.backup({ ...dump, labels: labels.slice(1) });
    const before = await beginAndDie(photos);
    const [key = ""] = await keysOf("/pending/");
    await damage(key);
    const after = watch();
    expect(await wallet.backup(photos)).toMatchObject({ revision: 2, changed: true });
    expect(after.commits).toHaveLength(1);
    expect(after.commits[0]?.envelope).not.toBe(before.commits[0]?.envelope);
    expect(await keysOf("/pending/")).toEqual([]);
    expect(await stored()).toEqual({ dump: photos, revisions: [2, 1] });
  });
});

describe("a storage that fails at any change, and a process after it, make one revision of one backup:", () => {
  /** Fails at its nth change, and from then on or not. */
  function failingAt(n: number, inner: Storage, forGood: boolean) {
    let done = 0;
    const isDue = () => {
      const turn = done++;
      return forGood ? turn >= n : turn === n;
    };
    const change = async (work: () => Promise<void>) => {
      if (isDue()) throw new Error("dead");
      await work();
    };
    const failing: Storage = {
      ...inner,
      // The session is no part of it.
      confidential: false,
      set: (key, bytes) => change(() => inner.set(key, bytes)),
      delete: (key) => change(() => inner.delete(key)),
    };
    return { failing, changes: () => done };
  }

  const before: Dump = { ...dump, labels: labels.slice(1) };
  const begun = withPhotos(60_000, renamed("Begun"));
  const since = withPhotos(60_000, renamed("Since"));

  it.each<[string, boolean, Intercept | undefined]>([
    ["dead from then on, the server answers", true, undefined],
    ["dead from then on, the reply is lost", true, loseReply],
    ["dead from then on, nothing arrives", true, cut],
    ["once, the server answers", false, undefined],
    ["once, the reply is lost", false, loseReply],
    ["once, nothing arrives", false, cut],
  ])("%s", async (_, forGood, fate) => {
    await wallet.backup(before);
    let revision = 1;
    for (let n = 0, isOver = false; !isOver; n++) {
      const { failing, changes } = failingAt(n, storage, forGood);
      const dying = await processOn(failing);
      server.intercept = fate;
      await dying.backup(begun).catch(() => undefined);
      isOver = changes() <= n;
      server.intercept = undefined;

      // Whether it was begun or not, one revision is made of it.
      await nextProcess();
      expect(await wallet.backup(begun)).toMatchObject({ revision: revision + 1 });
      expect(await keysOf("/pending/")).toEqual([]);
      expect((await stored()).dump).toEqual(begun);
      expect(await wallet.backup(before)).toMatchObject({ revision: revision + 2 });
      revision += 2;
      expect(n).toBeLessThan(100);
    }
    expect(revision).toBeGreaterThan(5);
  });

  it("nor is anything lost that the wallet has changed since", async () => {
    await wallet.backup(before);
    for (let n = 0, isOver = false; !isOver; n++) {
      const { failing, changes } = failingAt(n, storage, true);
      const dying = await processOn(failing);
      server.intercept = n % 2 === 0 ? loseReply : cut;
      await dying.backup(begun).catch(() => undefined);
      isOver = changes() <= n;
      server.intercept = undefined;
      await nextProcess();
      const [first] = await wallet.history();
      const receipt = await wallet.backup(since);
      expect(receipt.revision - (first?.revision ?? 0)).toBeLessThanOrEqual(2);
      expect((await stored()).dump).toEqual(since);
      await wallet.backup(before);
      expect(n).toBeLessThan(100);
    }
  });
});
