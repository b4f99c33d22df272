// Packs the packages as the registry would get them: `workspace:^` becomes a version, and only what `files` names goes in.
import { resolve } from "node:path";
import { runNode, SetupError, toolPath } from "./setup.mjs";

/**
 * Makes a tarball of each package in a folder, which need not exist, and returns their paths by the packages' names.
 * They hold what is built: `ensureBuilt()` comes first.
 */
export function packPackages(folder) {
  const args = ["--filter", "./packages/*", "pack", "--json", "--pack-destination", resolve(folder)];
  const done = runNode([toolPath("pnpm"), ...args], { encoding: "utf8", stdio: "pipe" });
  if (done.status !== 0) {
    throw new SetupError(`${done.stdout}${done.stderr}\nThe packages could not be packed (see above).`);
  }
  return Object.fromEntries(JSON.parse(done.stdout).map(({ name, filename }) => [name, filename]));
}
