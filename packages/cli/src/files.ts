import { constants } from "node:fs";
import { link, open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FileError, UsageError } from "./errors.ts";

/** A file for its owner alone: it may hold what a wallet knows. */
const MODE = 0o600;
/** A backup of 256 MiB comes to that, as JSON. */
export const BACKUP = { maxBytes: 1024 * 1024 * 1024, kind: "a backup" };

/** @throws FileError */
export async function readWhole(file: string, signal: AbortSignal, { maxBytes, kind } = BACKUP): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > maxBytes) throw new FileError(`${file} is larger than ${kind} can be`);
    return await readFile(file, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof FileError ? error : fileError(`${file} cannot be read`, error);
  }
}

/**
 * What `--out` says, before anything is asked for in vain.
 *
 * @throws UsageError: it is no name; FileError: the file is there already, or its folder is not
 */
export async function assertWritable(file: string, { force }: { force: boolean }): Promise<void> {
  assertFileName(file, "--out");
  if (file === "-") throw new UsageError("--out needs a file: without it, a dump goes to standard output by --format");
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw fileError(`${file} cannot be written`, error);
  });
  if (found && !found.isFile()) throw new FileError(`${file} is no file`);
  if (found && !force) throw alreadyThere(file);
  const folder = await stat(dirname(file)).catch(() => undefined);
  if (!folder?.isDirectory()) throw new FileError(`The folder of ${file} is not there`);
}

/**
 * Writes a file whole or not at all: beside first, synced, then in its place. Never over another one without `force`, also
 * where that comes to be meanwhile.
 *
 * @throws FileError, the signal's reason
 */
export async function writeWhole(
  file: string,
  content: string | Uint8Array,
  { force, signal }: { force: boolean; signal: AbortSignal },
): Promise<void> {
  const beside = join(dirname(file), `.${basename(file)}.${crypto.randomUUID()}.new`);
  try {
    const handle = await open(beside, "wx", MODE);
    try {
      await handle.writeFile(content, { signal });
      await handle.sync();
    } finally {
      await handle.close();
    }
    signal.throwIfAborted();
    if (force) await rename(beside, file);
    else await placeNew(beside, file);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof FileError ? error : fileError(`${file} cannot be written`, error);
  } finally {
    await rm(beside, { force: true });
  }
}

/** A link is made only where there is none, in one step. */
async function placeNew(beside: string, file: string): Promise<void> {
  try {
    await link(beside, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw alreadyThere(file);
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EACCES", "EXDEV"].includes(code ?? "")) throw error;
    // A file system without links: the name is taken by an empty file first.
    const taken = await open(file, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, MODE).catch(
      (cause: NodeJS.ErrnoException) => {
        throw cause.code === "EEXIST" ? alreadyThere(file) : cause;
      },
    );
    await taken.close();
    try {
      await rename(beside, file);
    } catch (cause) {
      await rm(file, { force: true });
      throw cause;
    }
  }
}

/** What an option names that is a file to be read. @throws UsageError */
export function assertFileName(file: unknown, option: string): asserts file is string {
  if (typeof file !== "string" || file === "" || file.includes("\0")) throw new UsageError(`${option} needs a file`);
}

function alreadyThere(file: string): FileError {
  return new FileError(`${file} is there already, and was left as it is; --force replaces it`);
}

const REASONS = new Map([
  ["ENOENT", "it is not there"],
  ["EACCES", "this user may not"],
  ["EPERM", "this user may not"],
  ["EISDIR", "it is a folder"],
  ["ENOTDIR", "a part of its path is no folder"],
  ["ENOSPC", "the disk is full"],
  ["EROFS", "the disk can only be read"],
  ["ENAMETOOLONG", "the name is too long"],
]);

function fileError(sentence: string, cause: unknown): FileError {
  const reason = REASONS.get((cause as NodeJS.ErrnoException).code ?? "");
  return new FileError(reason ? `${sentence}: ${reason}` : sentence, { cause });
}
