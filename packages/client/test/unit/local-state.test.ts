import { chunkIdsOf, createBackup, type Dump, deriveBackupKeys, RawSection, sealAtHome } from "@cloudbackup/core";
import { decodeBundle } from "@cloudbackup/core/wire";
import { beforeEach, describe, expect, it } from "vitest";
import { LocalState } from "../../src/local-state.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import { noise, SEED } from "../support/wallets.ts";

const keys = deriveBackupKeys(SEED, new Uint8Array(16).fill(5));
const device = new Uint8Array(16).fill(1);
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

function dumpOf(label: string): Dump {
  const shared = noise(60_000, "shared");
  const own = noise(60_000, label);
  const body = Uint8Array.of(0x5a, 0, 1, 0xd4, 0xc0, ...shared, ...own);
  return { accounts: [], pairings: [], "acme.photos": new RawSection("acme.photos", body) };
}

function backupOf(label: string, previous?: Uint8Array, now = 1) {
  const backup = createBackup({ dump: dumpOf(label), keys, device, now, random, ...(previous ? { previous } : {}) });
  return { ...backup, ...decodeBundle(backup.bundle) };
}

let storage: Storage;
let local: LocalState;
beforeEach(() => {
  storage = memoryStorage();
  local = new LocalState(storage, keys);
});

const kept = async (prefix: string) => (await storage.keys(prefix)).length;
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Every state that a next process finds has all its chunks, and no base was lost on the way. */
async function expectWhole(found: Storage, bases: (string | undefined)[]): Promise<void> {
  const next = new LocalState(found, keys);
  const base = await next.base();
  expect(bases).toContain(base && hexOf(base.state.sha256));
  const pendings = await Promise.all(
    (await found.keys("pending/")).map((key) => next.pending(key.slice("pending/".length))),
  );
  for (const known of [base, ...pendings]) {
    if (!known) continue;
    const ids = chunkIdsOf(known.state);
    expect(ids.size).toBeGreaterThan(3);
    expect((await next.chunks(ids)).size).toBe(ids.size);
  }
}

describe("a state", () => {
  it("is pending, then the base, with its chunks and no others", async () => {
    const first = backupOf("one");
    await local.savePending(first, first);
    expect(await local.base()).toBeNull();
    expect(await local.hasPending()).toBe(true);
    expect((await local.pending(hexOf(first.sha256)))?.state.manifest.revision).toBe(1);
    await local.setBase(first.state);
    expect(await local.hasPending()).toBe(false);
    expect((await local.base())?.bytes).toEqual(first.state);

    const second = backupOf("two", first.state);
    await local.savePending(second, second);
    expect(second.items.length).toBeLessThan(
      chunkIdsOf((await local.pending(hexOf(second.sha256)))?.state as never).size,
    );
    await local.setBase(second.state);
    expect(await kept("chunks/")).toBe(second.stats.chunks);
    await expectWhole(storage, [hexOf(second.sha256)]);
  });

  it("that was refused goes, with the chunks that were its alone", async () => {
    const first = backupOf("one");
    await local.setBase(first.state, first.items);
    const second = backupOf("two", first.state);
    await local.savePending(second, second);
    await local.dropPending(second.sha256);
    expect(await local.hasPending()).toBe(false);
    expect(await kept("chunks/")).toBe(first.stats.chunks);
    await expectWhole(storage, [hexOf(first.sha256)]);
  });

  it("that got no answer waits beside others; the oldest goes where there are many", async () => {
    const first = backupOf("one");
    await local.setBase(first.state, first.items);
    const tries = Array.from({ length: 11 }, (_, i) => backupOf(`try ${i}`, first.state, 100 + ((i * 7) % 11)));
    for (const each of tries) await local.savePending(each, each);
    expect(await kept("pending/")).toBe(8);
    expect(await local.pending(hexOf((tries.at(-1) as (typeof tries)[0]).sha256))).not.toBeNull();
    await expectWhole(storage, [hexOf(first.sha256)]);
    await local.setBase((tries[10] as (typeof tries)[0]).state);
    expect(await local.hasPending()).toBe(false);
  });

  it("that cannot be read counts as absent", async () => {
    const first = backupOf("one");
    await local.setBase(first.state, first.items);
    const others = deriveBackupKeys(new Uint8Array(32).fill(8), keys.realm);
    expect(await new LocalState(storage, others).base()).toBeNull();
    await storage.set("state", first.state.with(50, (first.state[50] ?? 0) ^ 1));
    expect(await local.base()).toBeNull();
    await storage.set("state", new Uint8Array());
    expect(await local.base()).toBeNull();
    expect(await local.pending(null)).toBeNull();
    expect(await local.pending(undefined)).toBeNull();
  });
});

describe("a pending backup that follows on what is current", () => {
  const none = { revision: 0, sha256: null };
  const after = ({ sha256 }: { sha256: Uint8Array }, revision: number) => ({ revision, sha256: hexOf(sha256) });

  it("is given as it was kept, the newest of several", async () => {
    const first = backupOf("one");
    await local.setBase(first.state, first.items);
    expect(await local.pendingAfter(after(first, 1))).toBeNull();
    const [middle, newest, oldest] = [5, 6, 4].map((now) => backupOf(`at ${now}`, first.state, now));
    for (const each of [middle, newest, oldest]) if (each) await local.savePending(each, each);
    const next = new LocalState(storage, keys);
    expect(await next.pendingAfter(after(first, 1))).toBeNull();
    await next.adopt();
    const found = await next.pendingAfter(after(first, 1));
    expect(found?.state.sha256).toEqual(newest?.sha256);
    expect(found?.bytes).toEqual(newest?.state);
    expect(found?.head).toEqual(newest?.head);
    expect(await kept("pending/")).toBe(3);
  });

  it.each([
    ["another envelope", { revision: 0, sha256: "ab".repeat(32) }],
    ["no envelope, but its number", { revision: 1, sha256: null }],
  ])("is none after %s, and goes with its chunks at the next base", async (_, current) => {
    const first = backupOf("one");
    // Looked through for chunks that nobody uses: from here on only what is known to go goes.
    await local.setBase(first.state, first.items);
    const lost = backupOf("lost");
    await local.savePending(lost, lost);
    expect(await local.pendingAfter(current)).toBeNull();
    expect(await local.hasPending()).toBe(true);
    await local.setBase(first.state);
    expect(await local.hasPending()).toBe(false);
    expect(await kept("chunks/")).toBe(first.stats.chunks);
  });

  it("is not one that is kept as another", async () => {
    const first = backupOf("one");
    await local.savePending(first, first);
    const name = `pending/${"ab".repeat(32)}`;
    await storage.set(name, (await storage.get(`pending/${hexOf(first.sha256)}`)) as Uint8Array);
    expect(await local.pending("ab".repeat(32))).toBeNull();
    expect((await local.pendingAfter(none))?.state.sha256).toEqual(first.sha256);
    expect(await kept("pending/")).toBe(1);
  });
});

describe("chunks that nobody uses", () => {
  /** Whether the storage was asked for the names of all chunks. */
  function listing(inner: Storage) {
    const asked = { times: 0 };
    const keysOf = (prefix: string) => {
      if (prefix.startsWith("chunks/")) asked.times++;
      return inner.keys(prefix);
    };
    return { asked, storage: { ...inner, keys: keysOf } };
  }

  it("go with the base that used them, for which only the first base of a process looks through all", async () => {
    const { asked, storage: listed } = listing(storage);
    local = new LocalState(listed, keys);
    let previous = backupOf("one");
    await local.setBase(previous.state, previous.items);
    expect(asked.times).toBe(1);
    for (const label of ["two", "three", "four"]) {
      const next = backupOf(label, previous.state);
      await local.savePending(next, next);
      const lost = backupOf(`${label}, of which nothing came`, previous.state);
      await local.savePending(lost, lost);
      await local.setBase(next.state);
      expect(await kept("chunks/")).toBe(next.stats.chunks);
      await expectWhole(storage, [hexOf(next.sha256)]);
      previous = next;
    }
    expect(asked.times).toBe(1);
  });

  it("go with the next base where theirs was the oldest of too many states without an answer", async () => {
    const first = backupOf("one");
    await local.setBase(first.state, first.items);
    const tries = Array.from({ length: 9 }, (_, i) => backupOf(`try ${i}`, first.state, 100 + i));
    for (const each of tries) await local.savePending(each, each);
    const last = tries[8] as (typeof tries)[0];
    await local.setBase(last.state);
    expect(await kept("chunks/")).toBe(last.stats.chunks);
    await expectWhole(storage, [hexOf(last.sha256)]);
  });

  it("go in the next process where this one died before it kept their state", async () => {
    const first = backupOf("one");
    await local.setBase(first.state, first.items);
    const lost = backupOf("two", first.state);
    const dying = {
      ...storage,
      set: (key: string, bytes: Uint8Array) =>
        key.startsWith("chunks/") ? storage.set(key, bytes) : Promise.reject(new Error("dead")),
    };
    await expect(new LocalState(dying, keys).savePending(lost, lost)).rejects.toThrow("dead");
    expect(await kept("chunks/")).toBeGreaterThan(first.stats.chunks);
    const third = backupOf("three", first.state);
    await new LocalState(storage, keys).setBase(third.state, third.items);
    expect(await kept("chunks/")).toBe(third.stats.chunks);
  });
});

describe("the mark of a change", () => {
  it("is kept with its time, sealed", async () => {
    expect(await local.dirtySince(9)).toBeUndefined();
    await local.setDirty(1_767_323_045_000);
    const next = new LocalState(storage, keys);
    expect(await next.dirtySince(1_800_000_000_000)).toBe(1_767_323_045_000);
    const sealed = (await storage.get("dirty")) as Uint8Array;
    expect(Buffer.from(sealed).toString("latin1")).not.toContain("176732");
    await local.setDirty(undefined);
    expect(await local.dirtySince(9)).toBeUndefined();
    expect(await storage.keys("")).toEqual([]);
  });

  it("of which the time cannot be read, or has not come yet, counts from now", async () => {
    const other = deriveBackupKeys(SEED, new Uint8Array(16).fill(6));
    const text = (words: string) => sealAtHome(keys, "dirty", new TextEncoder().encode(words));
    const unreadable = [
      new Uint8Array(1),
      new Uint8Array(0),
      sealAtHome(other, "dirty", Uint8Array.of(49)),
      text("soon"),
    ];
    for (const bytes of [...unreadable, text("10")]) {
      await storage.set("dirty", bytes);
      expect(await local.dirtySince(9)).toBe(9);
    }
  });
});

it("forgets everything", async () => {
  const first = backupOf("one");
  await local.setBase(first.state, first.items);
  await local.setDirty(1);
  await local.clear();
  expect(await storage.keys("")).toEqual([]);
});

describe("a process that dies at any operation of the storage leaves no state without its chunks:", () => {
  /** A storage that fails from its nth change on, as if the process were dead. */
  function dyingAt(n: number, inner: Storage): Storage {
    let left = n;
    const change = async (work: () => Promise<void>) => {
      if (left-- <= 0) throw new Error("dead");
      await work();
    };
    return {
      ...inner,
      set: (key, bytes) => change(() => inner.set(key, bytes)),
      delete: (key) => change(() => inner.delete(key)),
    };
  }

  it.each<
    [
      string,
      (state: LocalState, first: ReturnType<typeof backupOf>, second: ReturnType<typeof backupOf>) => Promise<void>,
    ]
  >([
    [
      "a commit",
      async (state, _, second) => {
        await state.savePending(second, second);
        await state.setBase(second.state);
      },
    ],
    [
      "a refused commit",
      async (state, _, second) => {
        await state.savePending(second, second);
        await state.dropPending(second.sha256);
      },
    ],
    [
      "a restore",
      async (state) => {
        const whole = backupOf("theirs");
        await state.savePending(whole, whole);
        await state.setBase(whole.state, whole.items);
      },
    ],
  ])("%s", async (_, work) => {
    const first = backupOf("one");
    const second = backupOf("two", first.state);
    for (let n = 0, died = true; died; n++) {
      const disk = memoryStorage();
      await new LocalState(disk, keys).setBase(first.state, first.items);
      died = await work(new LocalState(dyingAt(n, disk), keys), first, second).then(
        () => false,
        () => true,
      );
      const [base] = [await new LocalState(disk, keys).base()];
      expect(base).not.toBeNull();
      await expectWhole(disk, [base ? hexOf(base.state.sha256) : undefined]);
      // Whatever was left lying about goes with the next base.
      await new LocalState(disk, keys).setBase(first.state, first.items);
      expect((await disk.keys("chunks/")).length).toBe(first.stats.chunks);
      expect(n).toBeLessThan(200);
    }
  });
});
