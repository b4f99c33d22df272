import { CloudBackupError } from "@cloudbackup/core";
import { type IDBPDatabase, openDB } from "idb";
import type { Storage } from "./storage.ts";

/** The browser gives this origin no more room: what was to be kept is not, and what was there still is. */
export class StorageFullError extends CloudBackupError {
  constructor(cause: unknown) {
    super("ERR_CB_STORAGE_FULL", "The browser has no more room for this page: free some, and try again", { cause });
  }
}

/**
 * Keeps entries in an IndexedDB database of the page's origin, which tabs and workers share. A write that has resolved is on
 * the disk, where the browser knows `durability: "strict"`. Not `confidential`: sessions are not kept.
 *
 * Browsers may drop the data of an origin that has not asked for more: call `navigator.storage.persist()` when the person has
 * made or restored a wallet. Whatever is dropped, `restore()` brings back.
 *
 * @param options `name`: of the database, of this storage alone
 * @throws TypeError: no name. Its calls reject with StorageFullError, and with what IndexedDB says
 * @example
 * ```ts
 * import { createClient } from "@cloudbackup/client";
 * import { indexedDbStorage } from "@cloudbackup/client/browser";
 *
 * const inPage = createClient({ url: "https://backup.example", storage: indexedDbStorage({ name: "acme-backup" }) });
 * ```
 * @see https://www.w3.org/TR/IndexedDB-3/
 */
export function indexedDbStorage(options: { name: string }): Storage {
  const { name } = options;
  if (typeof name !== "string" || name === "") throw new TypeError("name must be the name of a database");
  let opened: Promise<IDBPDatabase> | undefined;
  const forget = () => {
    opened = undefined;
  };
  const database = (): Promise<IDBPDatabase> => {
    opened ??= openDB(name, 1, {
      upgrade: (db) => void db.createObjectStore(ENTRIES),
      // Somebody deletes the database, or a later version of this page opens it: nobody waits for this one.
      blocking: (_current, _blocked, event) => {
        forget();
        (event.target as IDBDatabase).close();
      },
      terminated: forget,
    }).catch((error) => {
      forget();
      throw error;
    });
    return opened;
  };
  const write = async (change: (entries: WritableEntries) => Promise<unknown>): Promise<void> => {
    const transaction = (await database()).transaction(ENTRIES, "readwrite", { durability: "strict" });
    try {
      // It is kept when the transaction is done, not when its request is.
      await Promise.all([change(transaction.store), transaction.done]);
    } catch (error) {
      throw isQuotaExceeded(error) ? new StorageFullError(error) : error;
    }
  };
  return {
    async get(key) {
      return (await database()).get(ENTRIES, key);
    },
    async set(key, bytes) {
      // Of a view, IndexedDB would keep all that is behind it.
      const copy = new Uint8Array(bytes);
      await write((entries) => entries.put(copy, key));
    },
    async delete(key) {
      await write((entries) => entries.delete(key));
    },
    async keys(prefix) {
      return (await (await database()).getAllKeys(ENTRIES, rangeOf(prefix))) as string[];
    },
  };
}

const ENTRIES = "entries";

interface WritableEntries {
  put(value: Uint8Array, key: string): Promise<unknown>;
  delete(key: string): Promise<void>;
}

/** Of all keys that begin with `prefix`: they are in the order of their UTF-16 code units. */
function rangeOf(prefix: string): IDBKeyRange | null {
  // Nothing follows on the last unit: the one before it goes up.
  const start = prefix.replace(/\uffff+$/, "");
  if (start === "") return prefix === "" ? null : IDBKeyRange.lowerBound(prefix);
  const end = start.slice(0, -1) + String.fromCharCode(start.charCodeAt(start.length - 1) + 1);
  return IDBKeyRange.bound(prefix, end, false, true);
}

function isQuotaExceeded(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === "QuotaExceededError";
}
