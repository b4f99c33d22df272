// What a browser gets of the packages: bundles of what was built, made as an app's bundler makes them.
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { build, type Metafile } from "esbuild";
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
  seed: { title: "seed with the English words", source: 'export * from "@cloudbackup/core/seed";' },
} as const satisfies Record<string, { title: string; source: string; external?: readonly string[] }>;

/** What the bundle `client` may have, minified and gzipped. */
export const MAX_CLIENT_KB = 55;

export type BrowserBundleName = keyof typeof BROWSER_BUNDLES;

export interface BrowserBundle {
  code: Uint8Array;
  /** By the path of a module, from the root: the bytes that it has in the bundle. */
  inputs: Record<string, number>;
  /** What the bundle imports when it runs. */
  imports: string[];
}

/** One ES module, minified. Modules are found by the packages' "exports" and "imports", as in a browser. */
export async function bundleForBrowser(name: BrowserBundleName): Promise<BrowserBundle> {
  const bundle: { source: string; external?: readonly string[] } = BROWSER_BUNDLES[name];
  const result = await build({
    // A folder that has all packages among its dependencies.
    stdin: { contents: bundle.source, resolveDir: join(root, "bench") },
    absWorkingDir: root,
    outfile: join(root, `${name}.js`),
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: [...(bundle.external ?? [])],
    metafile: true,
    logLevel: "silent",
    // Not the repository's, whose paths lead to the sources.
    tsconfigRaw: {},
  });
  const [output] = Object.values<Metafile["outputs"][string]>(result.metafile.outputs);
  const [file] = result.outputFiles;
  if (!output || !file) throw new Error(`esbuild made nothing of ${name}`);
  const inputs = Object.entries(output.inputs).map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const);
  return {
    code: file.contents,
    inputs: Object.fromEntries(inputs.filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a)),
    imports: output.imports.map(({ path }) => path),
  };
}

/** How much a browser loads: by default of the client with what it needs of core, word lists apart. */
export async function measureBrowserBundle(
  name: BrowserBundleName = "client",
): Promise<{ gzipBytes: number; minifiedBytes: number; inputs: Record<string, number> }> {
  const { code, inputs } = await bundleForBrowser(name);
  const { length } = await promisify(gzip)(code, { level: 9 });
  return { gzipBytes: length, minifiedBytes: code.length, inputs };
}
