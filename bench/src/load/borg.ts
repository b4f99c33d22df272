import { spawnSync } from "node:child_process";
import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "./folder.ts";

/** Content-defined chunks of 1 to 64 KiB, 8 KiB on the average: log2 of the least, the greatest, the mask; the window. */
const CHUNKER = "buzhash,10,16,13,4095";

/** Whether borg, a deduplicating backup program, is on this machine. */
export function isBorgHere(): boolean {
  return spawnSync("borg", ["--version"]).status === 0;
}

/** Bytes that a repository takes on with each version of a file, its own lists included, in their order. */
export async function borgGrowth(versions: readonly Uint8Array[]): Promise<number[]> {
  await using folder = await temporaryFolder();
  const repository = join(folder.path, "repository");
  const borg = (...args: string[]): void => {
    const env = {
      ...process.env,
      BORG_BASE_DIR: folder.path,
      BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: "yes",
    };
    const done = spawnSync("borg", args, { cwd: folder.path, env, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`borg ${args[0]} failed: ${done.stderr}`);
  };
  borg("init", "--encryption", "none", repository);
  const grown: number[] = [];
  for (const [i, bytes] of versions.entries()) {
    await writeFile(join(folder.path, "dump"), bytes);
    const before = await bytesIn(join(repository, "data"));
    const options = ["--compression", "zlib,9", "--chunker-params", CHUNKER];
    borg("create", ...options, `${repository}::${i}`, "dump");
    grown.push((await bytesIn(join(repository, "data"))) - before);
  }
  return grown;
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
