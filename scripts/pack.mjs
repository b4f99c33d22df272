// Packs the packages as the registry would get them: `workspace:^` becomes a version, and only what `files` names goes in.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { runNode, SetupError, toolPath } from "./setup.mjs";

/** What the packages were packed into before, whatever their version was. */
const TARBALL = /^cloudbackup-(cli|client|core|server)-\d.*\.tgz$/;

/**
 * Makes a tarball of each package in a folder, which need not exist, and returns their paths by the packages' names.
 * Older tarballs of them are removed from it: whoever installs `*.tgz` gets what fits together.
 * They hold what is built: `ensureBuilt()` comes first.
 */
export function packPackages(folder) {
  const destination = resolve(folder);
  for (const file of existsSync(destination) ? readdirSync(destination) : []) {
    if (TARBALL.test(file)) rmSync(join(destination, file));
  }
  const args = ["--filter", "./packages/*", "pack", "--json", "--pack-destination", destination];
  const done = runNode([toolPath("pnpm"), ...args], { encoding: "utf8", stdio: "pipe" });
  if (done.status !== 0) {
    throw new SetupError(`${done.stdout}${done.stderr}\nThe packages could not be packed (see above).`);
  }
  return Object.fromEntries(JSON.parse(done.stdout).map(({ name, filename }) => [name, filename]));
}
