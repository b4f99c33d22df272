import * as platform from "fake-indexeddb";
import { openDB } from "idb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { indexedDbStorage, StorageFullError } from "../../src/browser.ts";
import { storageUnder } from "../../src/storage.ts";
import { storageSuite } from "../support/storage-suite.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

beforeEach(() => {
  // The classes too: idb tells by them what it was given.
  for (const [name, value] of Object.entries(platform)) if (name.startsWith("IDB")) vi.stubGlobal(name, value);
  vi.stubGlobal("indexedDB", new platform.IDBFactory());
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

storageSuite("IndexedDB", () => indexedDbStorage({ name: "test" }));
storageSuite("partial IndexedDB", () => storageUnder(indexedDbStorage({ name: "test" }), "cloudbackup/wallets/"));

describe("an IndexedDB storage", () => {
  it("keeps entries for whoever opens the database again, and apart from those of another name", async () => {
    await indexedDbStorage({ name: "one" }).set("key", bytes("kept"));
    expect(await indexedDbStorage({ name: "one" }).get("key")).toEqual(bytes("kept"));
    expect(await indexedDbStorage({ name: "two" }).get("key")).toBeUndefined();
  });

  it("asks for writes that are on the disk, and waits for the whole transaction", async () => {
    const storage = indexedDbStorage({ name: "test" });
    await storage.get("key");
    const completed: unknown[] = [];
    const begin = globalThis.IDBDatabase.prototype.transaction;
    vi.spyOn(globalThis.IDBDatabase.prototype, "transaction").mockImplementation(function (this: IDBDatabase, ...args) {
      const transaction = begin.apply(this, args);
      transaction.addEventListener("complete", () => completed.push(args.slice(1)));
      return transaction;
    });
    const strict = ["readwrite", { durability: "strict" }];
    await storage.set("key", bytes("a"));
    expect(completed).toEqual([strict]);
    await storage.delete("key");
    expect(completed).toEqual([strict, strict]);
  });

  it("keeps of a view what it shows, and no more", async () => {
    const view = new Uint8Array(1_000_000).fill(7).subarray(10, 13);
    const storage = indexedDbStorage({ name: "test" });
    await storage.set("key", view);
    const got = await storage.get("key");
    expect([...(got as Uint8Array)]).toEqual([7, 7, 7]);
    expect(got?.buffer.byteLength).toBe(3);
  });

  it("keeps what was there at the call, also while the database opens", async () => {
    const value = bytes("abc");
    const storage = indexedDbStorage({ name: "test" });
    const set = storage.set("key", value);
    value.fill(0);
    await set;
    expect(await storage.get("key")).toEqual(bytes("abc"));
  });

  it("lists keys without loading what is kept under them", async () => {
    const storage = indexedDbStorage({ name: "test" });
    await storage.set("a/1", bytes("a"));
    const loads = (["get", "getAll", "openCursor"] as const).map((name) => vi.spyOn(IDBObjectStore.prototype, name));
    expect(await storage.keys("a/")).toEqual(["a/1"]);
    for (const load of loads) expect(load).not.toHaveBeenCalled();
  });

  it("lists by any prefix, the last of all characters included", async () => {
    const storage = indexedDbStorage({ name: "test" });
    for (const key of ["a", "a\uffff", "a\uffffb", "a\uffff\uffff", "b", "\uffff", "\uffff\uffff", "\ud83d\udd11"]) {
      await storage.set(key, bytes("x"));
    }
    expect(await storage.keys("a\uffff")).toEqual(["a\uffff", "a\uffffb", "a\uffff\uffff"]);
    expect(await storage.keys("a")).toEqual(["a", "a\uffff", "a\uffffb", "a\uffff\uffff"].sort());
    expect(await storage.keys("\uffff")).toEqual(["\uffff", "\uffff\uffff"]);
    expect(await storage.keys("\uffff\uffff\uffff")).toEqual([]);
    expect(await storage.keys("\ud83d")).toEqual(["\ud83d\udd11"]);
  });

  it("stands in nobody's way who deletes the database, and begins anew after that", async () => {
    const storage = indexedDbStorage({ name: "test" });
    await storage.set("key", bytes("a"));
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase("test");
      request.onsuccess = () => resolve();
      request.onblocked = () => reject(new Error("the storage keeps the database open"));
    });
    expect(await storage.get("key")).toBeUndefined();
    await storage.set("key", bytes("b"));
    expect(await storage.get("key")).toEqual(bytes("b"));
  });

  it("opens again where the browser has closed the database", async () => {
    const connections = vi.spyOn(globalThis.IDBDatabase.prototype, "transaction");
    const storage = indexedDbStorage({ name: "test" });
    await storage.set("key", bytes("a"));
    const [connection] = connections.mock.contexts as [IDBDatabase];
    const closed = new Promise((resolve) => connection.addEventListener("close", resolve));
    platform.forceCloseDatabase(connection as never);
    await closed;
    expect(await storage.get("key")).toEqual(bytes("a"));
  });

  it("says that there is no room, and has what was there before", async () => {
    const storage = indexedDbStorage({ name: "test" });
    await storage.set("key", bytes("before"));
    const cause = new DOMException("The quota has been exceeded.", "QuotaExceededError");
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementationOnce(() => {
      throw cause;
    });
    const error = await storage.set("key", bytes("after")).catch((error) => error);
    expect(error).toBeInstanceOf(StorageFullError);
    expect(error).toMatchObject({ code: "ERR_CB_STORAGE_FULL", cause, retryable: false });
    expect(await storage.get("key")).toEqual(bytes("before"));
  });

  it("tries again to open a database that did not open", async () => {
    const open = vi.spyOn(indexedDB, "open").mockImplementationOnce(() => {
      throw new DOMException("not in a private window", "SecurityError");
    });
    const storage = indexedDbStorage({ name: "test" });
    await expect(storage.get("key")).rejects.toThrow("not in a private window");
    expect(await storage.get("key")).toBeUndefined();
    expect(open).toHaveBeenCalledTimes(2);
  });

  it("passes on what else IndexedDB says", async () => {
    const later = await openDB("later", 2);
    later.close();
    await expect(indexedDbStorage({ name: "later" }).get("key")).rejects.toThrow(/version/i);
  });

  it("needs a name, and is not confidential", () => {
    for (const name of ["", undefined, 7]) expect(() => indexedDbStorage({ name: name as string })).toThrow(TypeError);
    expect(indexedDbStorage({ name: "test" }).confidential).toBeUndefined();
  });
});
