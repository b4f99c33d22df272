// Checks of what users of the packages get: what would be published, what nothing uses, what a browser loads.
import { join } from "node:path";
import { packPackages } from "./pack.mjs";
import { root, runNode, say, toolPath } from "./setup.mjs";

/** Runs all, so that one run shows everything; 0 where all is well. */
export function checkPackages() {
  const results = [checkPacked(), checkUnused(), checkSizes()];
  return results.every((status) => status === 0) ? 0 : 1;
}

/** The tarballs, in which pnpm has put versions in the place of `workspace:^`: not the folders. */
function checkPacked() {
  say("Packages, packed: what publint and attw say …");
  const folder = join(root, "node_modules", ".cache", "cloudbackup", "packed");
  const results = Object.values(packPackages(folder)).flatMap((tarball) => [
    run("publint", ["run", tarball, "--strict"]),
    // The packages are ES modules only; what they lack types for, no @types has either.
    run("@arethetypeswrong/cli", [tarball, "--profile", "esm-only", "--no-definitely-typed"], "attw"),
  ]);
  return results.every((status) => status === 0) ? 0 : 1;
}

function checkUnused() {
  say("Files, exports and dependencies that nothing uses …");
  return run("knip", ["--no-progress", "--no-config-hints"]);
}

function checkSizes() {
  const args = [toolPath("size-limit"), "--json", "--config", "scripts/size-limit.config.ts"];
  const { status, stdout, stderr } = runNode(args, { encoding: "utf8", stdio: "pipe" });
  say("Sizes for a browser, minified and gzipped …");
  const rows = status === null || !stdout.startsWith("[") ? [] : JSON.parse(stdout);
  if (rows.length === 0) say(`${stdout}${stderr}`);
  for (const { name, size, sizeLimit, passed } of rows) {
    const limit = sizeLimit === undefined ? "" : `, ${passed ? "of" : "MORE THAN"} ${kilobytes(sizeLimit)}`;
    say(`  ${name}: ${kilobytes(size)}${limit}`);
  }
  return status;
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

/** Prints what a tool says where it finds something. */
function run(name, args, bin) {
  const { status, stdout, stderr } = runNode([toolPath(name, bin), ...args], { encoding: "utf8", stdio: "pipe" });
  if (status !== 0) say(`${stdout}${stderr}`.trim());
  return status;
}
