// Sets a checkout up: installs and builds what is not yet there. Runs on any Node from 20 on, with nothing installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** In the order in which they need each other. */
export const PACKAGES = ["core", "client", "server", "cli"];
/** What a package is built into, a library or a program. */
const BUILT = ["index.js", "main.js"];
const STAMPS = join(root, "node_modules", ".cache", "cloudbackup");

/** What a person reads when it cannot go on; no stack trace. */
export class SetupError extends Error {}

/** The sentence for a Node that is too old, or undefined. */
export function nodeProblem(version) {
  const major = Number.parseInt(version, 10);
  if (major >= 20) return undefined;
  return `CloudBackup needs Node 20 or later to set itself up, this is Node ${version}. See https://nodejs.org`;
}

/** Makes sure that dependencies are installed as the lockfile says. */
export function ensureInstalled() {
  const problem = nodeProblem(process.versions.node);
  if (problem) throw new SetupError(problem);
  const manifests = ["packages", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name, "package.json")),
  );
  const inputs = ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", "bench/package.json", ...manifests];
  const stamp = hashOf(inputs.map((file) => join(root, file)).filter((file) => existsSync(file)));
  if (readStamp("install") === stamp && existsSync(join(root, "node_modules", "node"))) return;

  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  say(`Installing dependencies with ${packageManager} (once; about half a minute) …`);
  const isWindows = process.platform === "win32";
  const done = spawnSync("npx", ["--yes", packageManager, "install", "--frozen-lockfile"], {
    cwd: root,
    encoding: "utf8",
    shell: isWindows,
    env: { ...process.env, CI: "true" },
  });
  if (done.error || done.status !== 0) {
    const said = `${done.stdout ?? ""}${done.stderr ?? ""}`.trim();
    throw new SetupError(
      `${said}\n\nThe dependencies could not be installed (see above). The npm registry must be reachable; after a change of a package.json run: npx ${packageManager} install`,
    );
  }
  writeStamp("install", stamp);
}

/** Makes sure that the packages are built from the sources as they are. */
export function ensureBuilt() {
  let below = "";
  for (const name of PACKAGES) {
    const folder = join(root, "packages", name);
    const inputs = ["package.json", "tsup.config.ts", "tsconfig.json"].map((file) => join(folder, file));
    const stamp = hashOf([...inputs, ...filesBelow(join(folder, "src"))], below + readStamp("install"));
    // What a package is built on is part of what it is built from.
    below = stamp;
    if (readStamp(name) === stamp && readdirIfThere(join(folder, "dist")).some((file) => BUILT.includes(file)))
      continue;
    say(`Building @cloudbackup/${name} …`);
    const done = runNode([toolPath("tsup"), "--silent"], { cwd: folder, encoding: "utf8", stdio: "pipe" });
    if (done.status !== 0) {
      throw new SetupError(`${done.stdout}${done.stderr}\n@cloudbackup/${name} could not be built (see above).`);
    }
    writeStamp(name, stamp);
  }
}

/** Runs the repository's own Node with arguments, and waits for its end. */
export function runNode(args, options = {}) {
  const bin = join(root, "node_modules", ".bin");
  const separator = process.platform === "win32" ? ";" : ":";
  const env = { ...process.env, ...options.env, PATH: `${bin}${separator}${process.env.PATH}` };
  const done = spawnSync(nodePath(), args, { cwd: root, stdio: "inherit", ...options, env });
  if (done.error) throw new SetupError(`The repository's own Node does not start: ${done.error.message}`);
  return done;
}

/** The binary that the npm package `node` brought. */
export function nodePath() {
  const folder = join(root, "node_modules", "node", "bin");
  return join(folder, process.platform === "win32" ? "node.exe" : "node");
}

/** The script of a development tool. */
export function toolPath(name, bin = name) {
  const require = createRequire(join(root, "package.json"));
  const manifest = findManifest(require, name);
  const { bin: bins } = JSON.parse(readFileSync(manifest, "utf8"));
  return join(dirname(manifest), typeof bins === "string" ? bins : bins[bin]);
}

export function say(text) {
  process.stderr.write(`${text}\n`);
}

function findManifest(require, name) {
  for (const folder of require.resolve.paths(name) ?? []) {
    const manifest = join(folder, name, "package.json");
    if (existsSync(manifest)) return manifest;
  }
  throw new SetupError(`${name} is not installed: delete node_modules and try again`);
}

function readdirIfThere(folder) {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function hashOf(files, seed = "") {
  const hash = createHash("sha256").update(seed);
  for (const file of files) hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

function readStamp(name) {
  const file = join(STAMPS, name);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function writeStamp(name, stamp) {
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(join(STAMPS, name), stamp);
}
