import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../scripts/setup.mjs";
import type { Shell } from "../tools/shell.ts";

const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));

/** What the repository itself runs on. */
export const OWN_NODE_VERSION: string = manifest.devDependencies.node;

/** One of every line of Node that is maintained. */
export const NODE_VERSIONS: readonly string[] = ["22.23.3", OWN_NODE_VERSION, "26.10.0"];

/** The folder of a Node's binary, which npm's package `node` brings. It stays for the next time. */
export async function installNode(shell: Shell, version: string): Promise<string> {
  const folder = join(root, "node_modules", ".cache", "cloudbackup", `node-${version}`);
  const bin = join(folder, "node_modules", "node", "bin");
  const found = await shell.run(join(bin, "node"), ["--version"]).catch(() => "");
  if (found.trim() === `v${version}`) return bin;

  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // The package's script fetches the binary of this platform.
  const content = { private: true, dependencies: { node: version }, allowScripts: { node: true } };
  await writeFile(join(folder, "package.json"), JSON.stringify(content));
  await shell.in(folder).run("npm", ["install", "--no-audit", "--no-fund"]);
  const installed = await shell.run(join(bin, "node"), ["--version"]);
  if (installed.trim() !== `v${version}`) throw new Error(`npm installed Node ${installed.trim()}, not v${version}`);
  return bin;
}
