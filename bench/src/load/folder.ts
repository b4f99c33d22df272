import { mkdtemp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** On the disk of the repository: a folder for temporary files may be in memory, where nothing is durable. */
const PARENT = fileURLToPath(new URL("../../", import.meta.url));

/** A new folder, gone with its contents at the end of the scope. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(`${PARENT}.run-`);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
