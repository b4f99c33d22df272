/**
 * Where a client keeps what must outlive the process. Values are the storage's to copy; nothing in them is readable
 * without the wallet's keys, session tokens apart, which are stored only where `confidential` is true.
 */
export interface Storage {
  /**
   * What was last set; undefined where there is none.
   *
   * @param key segments of text, `/` between them
   * @returns bytes that are the caller's
   */
  get(key: string): Promise<Uint8Array | undefined>;
  /**
   * Whole or not at all, also when the process dies.
   *
   * @param key as `get` takes it
   * @param bytes not to be changed, and to be copied where they are kept
   */
  set(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * No error where there is none.
   *
   * @param key as `get` takes it
   */
  delete(key: string): Promise<void>;
  /**
   * All keys that begin with `prefix`.
   *
   * @param prefix may end within a segment
   */
  keys(prefix: string): Promise<string[]>;
  /** Whether others cannot read it: a platform's keystore, an encrypted store. */
  readonly confidential?: boolean;
}

/**
 * Keeps everything in memory: a new process begins with nothing, and restores first.
 *
 * @example
 * ```ts
 * import { memoryStorage } from "@cloudbackup/client";
 *
 * const storage = memoryStorage();
 * await storage.set("acme/a", Uint8Array.of(1, 2));
 * console.log(await storage.keys("acme/"), storage.confidential); // → [ 'acme/a' ] true
 * ```
 */
export function memoryStorage(): Storage {
  const entries = new Map<string, Uint8Array>();
  return {
    confidential: true,
    get: async (key) => entries.get(key)?.slice(),
    set: async (key, bytes) => {
      // Not `slice`, which of a Node `Buffer` gives a view.
      entries.set(key, new Uint8Array(bytes));
    },
    delete: async (key) => {
      entries.delete(key);
    },
    keys: async (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)),
  };
}

/** A part of a storage: every key gets `prefix` in front. */
export function storageUnder(storage: Storage, prefix: string): Storage {
  return {
    get: (key) => storage.get(prefix + key),
    set: (key, bytes) => storage.set(prefix + key, bytes),
    delete: (key) => storage.delete(prefix + key),
    keys: async (start) => (await storage.keys(prefix + start)).map((key) => key.slice(prefix.length)),
  };
}
