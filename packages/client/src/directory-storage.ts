import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import type { Storage } from "./storage.ts";

/**
 * Keeps each entry as a file below `folder`, which is made where it is missing. Files are readable by their owner alone,
 * and written whole: beside first, synced, then renamed. Not `confidential`: sessions are not kept.
 *
 * @param folder path; of this storage alone
 * @throws TypeError: no path. Its calls reject with what `node:fs` says, and with RangeError for a key with an empty
 *   segment, or that is no text of Unicode
 * @example
 * ```ts
 * import { createClient } from "@cloudbackup/client";
 * import { directoryStorage } from "@cloudbackup/client/node";
 *
 * const restarted = createClient({ url: "https://backup.example", storage: directoryStorage("/var/lib/wallet/backup") });
 * ```
 */
export function directoryStorage(folder: string): Storage {
  if (typeof folder !== "string" || folder === "") throw new TypeError("folder must be a path");
  const fileOf = (key: string): string => join(folder, ...key.split("/").map(encodeSegment)) + ENTRY;
  return {
    async get(key) {
      try {
        return new Uint8Array(await readFile(fileOf(key)));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async set(key, bytes) {
      const file = fileOf(key);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeWhole(file, bytes);
    },
    async delete(key) {
      await rm(fileOf(key), { force: true });
    },
    async keys(prefix) {
      // The last segment may be a part of a name; those before it are folders.
      const parents = prefix.split("/").slice(0, -1).map(encodeSegment);
      const below = join(folder, ...parents);
      const entries = await readdir(below, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      return entries
        .filter((entry) => entry.isFile() && entry.name.endsWith(ENTRY))
        .map((entry) => keyOf(relative(folder, join(entry.parentPath, entry.name))))
        .filter((key) => key.startsWith(prefix));
    },
  };
}

/** No folder has a dot in its name: the keys `a` and `a/b` are there side by side. */
const ENTRY = ".entry";

async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  // Of this write alone, be there other processes, or other machines, at the same folder.
  const beside = `${file}.${crypto.randomUUID()}.new`;
  try {
    const handle = await open(beside, "wx", 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await syncFolder(dirname(file));
}

/** Makes the rename itself durable; where a platform cannot open a folder (Windows), it does so by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file name that every file system takes, also those that do not tell `A` from `a`, and that gives the segment back. */
function encodeSegment(segment: string): string {
  if (segment === "") throw new RangeError("a key has no empty segment");
  if (/\p{Surrogate}/u.test(segment)) throw new RangeError("a key is text of Unicode");
  return Array.from(new TextEncoder().encode(segment), (byte) => {
    const char = String.fromCharCode(byte);
    return /[a-z0-9_-]/.test(char) ? char : `%${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

function keyOf(file: string): string {
  return file.slice(0, -ENTRY.length).split(sep).map(decodeURIComponent).join("/");
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}
