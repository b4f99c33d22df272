import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Storage } from "./storage.ts";

/**
 * Keeps each entry as a file below `folder`, which is made where it is missing. Files are readable by their owner alone,
 * and written whole: beside first, synced, then renamed.
 */
export function directoryStorage(folder: string): Storage {
  const fileOf = (key: string): string => join(folder, ...key.split("/").map(encodeSegment));
  return {
    async get(key) {
      try {
        const bytes = await readFile(fileOf(key));
        return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      return entries
        .filter((entry) => entry.isFile() && !entry.name.endsWith(TEMPORARY))
        .map((entry) => keyOf(folder, join(entry.parentPath, entry.name)))
        .filter((key) => key.startsWith(prefix));
    },
  };
}

const TEMPORARY = ".new";
let counter = 0;

async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const beside = `${file}.${process.pid}-${counter++}${TEMPORARY}`;
  const handle = await open(beside, "w", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
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

/** A file name that every file system takes, and that gives the segment back; never `.`, `..` or a temporary name. */
function encodeSegment(segment: string): string {
  if (segment === "") throw new RangeError("a key has no empty segment");
  return encodeURIComponent(segment).replace(
    /[.!~*'()A-Z]/g,
    (c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

function keyOf(folder: string, file: string): string {
  const segments = file.slice(join(folder, "/").length).split(/[\\/]/);
  return segments.map(decodeURIComponent).join("/");
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}
