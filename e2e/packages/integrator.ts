import { existsSync } from "node:fs";
import { cp, mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../scripts/setup.mjs";
import type { Shell } from "../tools/shell.ts";

/** Tarballs by the names of their packages. */
export type Packed = Readonly<Record<string, string>>;

interface Manifest {
  type?: string;
  private?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** A copy of an example that takes the packages from tarballs, as it would take them from the registry. */
export async function copyExample(name: string, folder: string, packed: Packed): Promise<void> {
  const isSource = (path: string): boolean => !["dist", "node_modules"].includes(basename(path));
  await cp(join(root, "examples", name), folder, { recursive: true, filter: isSource });
  await writeManifest(folder, JSON.parse(await readFile(join(folder, "package.json"), "utf8")), packed);
}

export async function writeManifest(folder: string, manifest: Manifest, packed: Packed): Promise<void> {
  const specs = Object.fromEntries(Object.entries(packed).map(([name, file]) => [name, `file:${file}`]));
  const fromTarballs = (list: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(list).map(([name, range]) => [name, specs[name] ?? range]));
  const content = {
    ...manifest,
    dependencies: fromTarballs(manifest.dependencies),
    devDependencies: fromTarballs(manifest.devDependencies),
    // The tarballs ask for each other by version, which no registry has yet.
    overrides: specs,
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), `${JSON.stringify(content, null, 2)}\n`);
}

/** With npm as it comes, except that a package which does not want this Node is an error. */
export async function npmInstall(shell: Shell, ...options: string[]): Promise<void> {
  await shell.run("npm", ["install", "--no-audit", "--no-fund", "--engine-strict", ...options]);
}

/** @throws Error where a program in the shell's folder would get a package from anywhere but its own node_modules */
export async function assertOwnPackages(shell: Shell, names: readonly string[]): Promise<void> {
  const own = await realpath(shell.folder);
  for (let above = dirname(own); above !== dirname(above); above = dirname(above)) {
    if (existsSync(join(above, "node_modules"))) throw new Error(`There are packages in ${above}, too`);
  }
  const script = `for (const name of ${JSON.stringify(names)}) console.log(import.meta.resolve(name))`;
  const urls = (await shell.run("node", ["--input-type=module", "--eval", script])).trim().split("\n");
  for (const url of urls) {
    const file = await realpath(fileURLToPath(url));
    if (!file.startsWith(join(own, "node_modules") + sep)) throw new Error(`A package is taken from ${file}`);
  }
}
