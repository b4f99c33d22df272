// What a browser gets of the packages: bundles of what was built, made as an app's bundler makes them.
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type OutputChunk, rolldown } from "rolldown";
import { root } from "./setup.mjs";

/** What an app may import in a browser. `client` is the figure that the documentation quotes: an app that makes a client. */
export const BROWSER_BUNDLES = {
  client: { title: "createClient with core", source: 'export { createClient } from "@cloudbackup/client";' },
  "client-whole": { title: "all of client with core", source: 'export * from "@cloudbackup/client";' },
  "client-alone": {
    title: "client alone",
    source: 'export * from "@cloudbackup/client";',
    external: ["@cloudbackup/core"],
  },
  core: { title: "core alone", source: 'export * from "@cloudbackup/core";' },
  wire: { title: "core's wire alone", source: 'export * from "@cloudbackup/core/wire";' },
  testing: { title: "a server in memory, for tests", source: 'export * from "@cloudbackup/client/testing";' },
  seed: { title: "all of seed, with the English words", source: 'export * from "@cloudbackup/core/seed";' },
  "seed-words": { title: "mnemonicToSeed alone", source: 'export { mnemonicToSeed } from "@cloudbackup/core/seed";' },
  wordlist: { title: "one word list", source: 'export { wordlist } from "@cloudbackup/core/seed/wordlists/japanese";' },
  wordlists: { title: "all word lists", source: 'export { wordlists } from "@cloudbackup/core/seed/wordlists";' },
  interchange: { title: "data of other wallets", source: 'export * from "@cloudbackup/core/interchange";' },
} as const satisfies Record<string, { title: string; source: string; external?: readonly string[] }>;

/** What the bundle `client` may have, minified and gzipped. */
export const MAX_CLIENT_KB = 55;

export type BrowserBundleName = keyof typeof BROWSER_BUNDLES;

export interface BrowserBundle {
  /** The module that a page loads first. */
  entry: string;
  /** By file name: the modules that are loaded with the entry, and those that `import()` loads when they are needed. */
  files: Record<string, { code: Uint8Array; isLater: boolean }>;
  /** By the path of a module, from the root: the bytes that it has in what is loaded at first, before they are minified. */
  inputs: Record<string, number>;
  /** What the bundle imports when it runs, of itself apart. */
  imports: string[];
}

/**
 * ES modules, minified, as Vite's bundler makes them. Modules are found by the packages' "exports" and "imports", as in a
 * browser; licences go into a file of their own.
 */
export async function bundleForBrowser(name: BrowserBundleName): Promise<BrowserBundle> {
  const { source, external = [] }: { source: string; external?: readonly string[] } = BROWSER_BUNDLES[name];
  // In a folder that has all packages among its dependencies.
  const input = join(root, "bench", `${name}.ts`);
  const bundle = await rolldown({
    input,
    platform: "browser",
    external: [...external],
    // Not the repository's, whose paths lead to the sources.
    tsconfig: false,
    logLevel: "silent",
    onLog: (_, log) => {
      throw new Error(log.message);
    },
    plugins: [
      {
        name: "source",
        resolveId: (id) => (id === input ? id : null),
        load: (id) => (id === input ? source : null),
      },
    ],
  });
  const entry = `${name}.js`;
  const generate = async (groups: { name: string; test: (id: string) => boolean }[]) => {
    const { output } = await bundle.generate({
      format: "esm",
      minify: true,
      comments: false,
      entryFileNames: "[name].js",
      chunkFileNames: "[name].js",
      // With it, what an index file only passes on would be taken for needed at first.
      codeSplitting: { groups, includeDependenciesRecursively: false },
    });
    return new Map(output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])));
  };
  // By itself the bundler puts what is needed at first and later into a file of its own, beside the entry's.
  const apart = await generate([]);
  const needed = new Set([...loadedWith(entry, apart)].flatMap((file) => apart.get(file)?.moduleIds ?? []));
  const chunks = await generate([{ name: "first", test: (id) => needed.has(id) }]);
  await bundle.close();
  const first = loadedWith(entry, chunks);
  const files = [...chunks].map(([file, { code }]) => {
    return [file, { code: new TextEncoder().encode(code), isLater: !first.has(file) }] as const;
  });
  const modules = [...first].flatMap((file) => Object.entries(chunks.get(file)?.modules ?? {}));
  const inputs = modules.map(([id, { renderedLength }]) => [relative(root, id), renderedLength] as const);
  const imports = [...chunks.values()].flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]);
  return {
    entry,
    files: Object.fromEntries(files),
    inputs: Object.fromEntries(inputs.filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a)),
    imports: imports.filter((path) => !chunks.has(path)),
  };
}

/** A file and all that it imports before it runs. */
function loadedWith(entry: string, chunks: ReadonlyMap<string, OutputChunk>): Set<string> {
  const files = new Set([entry]);
  for (const file of files) {
    for (const path of chunks.get(file)?.imports ?? []) if (chunks.has(path)) files.add(path);
  }
  return files;
}

/** How much a browser loads: by default of the client with what it needs of core, word lists apart. */
export async function measureBrowserBundle(name: BrowserBundleName = "client"): Promise<{
  /** Of what is loaded at first. */
  gzipBytes: number;
  /** Of all that is loaded when it is needed. */
  laterGzipBytes: number;
  /** Of what is loaded at first. */
  minifiedBytes: number;
  inputs: Record<string, number>;
}> {
  const { files, inputs } = await bundleForBrowser(name);
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  const gzipped = async (isLater: boolean) => {
    const codes = Object.values(files).filter((file) => file.isLater === isLater);
    return sum(await Promise.all(codes.map(async ({ code }) => (await promisify(gzip)(code, { level: 9 })).length)));
  };
  const minifiedBytes = sum(Object.values(files).map(({ code, isLater }) => (isLater ? 0 : code.length)));
  return { gzipBytes: await gzipped(false), laterGzipBytes: await gzipped(true), minifiedBytes, inputs };
}
