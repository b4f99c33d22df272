// What size-limit measures: bundles, made here.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BROWSER_BUNDLES, type BrowserBundleName, bundleForBrowser, MAX_CLIENT_KB } from "./browser-bundle.ts";
import { root } from "./setup.mjs";

/** The others are printed for information. */
const LIMITS: { [Name in BrowserBundleName]?: string } = { client: `${MAX_CLIENT_KB} kB` };

const folder = join(root, "node_modules", ".cache", "cloudbackup", "browser");
await mkdir(folder, { recursive: true });

const names = Object.keys(BROWSER_BUNDLES) as BrowserBundleName[];
export default await Promise.all(
  names.map(async (name) => {
    const path = join(folder, `${name}.js`);
    await writeFile(path, (await bundleForBrowser(name)).code);
    const limit = LIMITS[name];
    return { name: BROWSER_BUNDLES[name].title, path, gzip: true, ...(limit ? { limit } : {}) };
  }),
);
