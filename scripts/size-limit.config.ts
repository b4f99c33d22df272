// What size-limit measures: bundles, made here.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BROWSER_BUNDLES, type BrowserBundleName, bundleForBrowser, MAX_CLIENT_KB } from "./browser-bundle.ts";
import { root } from "./setup.mjs";

/** The others are printed for information. */
const LIMITS: { [Name in BrowserBundleName]?: string } = { client: `${MAX_CLIENT_KB} kB` };

const folder = join(root, "node_modules", ".cache", "cloudbackup", "browser");

const names = Object.keys(BROWSER_BUNDLES) as BrowserBundleName[];
export default await Promise.all(
  names.map(async (name) => {
    const { files } = await bundleForBrowser(name);
    const paths = await Promise.all(
      Object.entries(files).map(async ([file, { code, isLater }]) => {
        const path = join(folder, name, file);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, code);
        return isLater ? [] : [path];
      }),
    );
    const limit = LIMITS[name];
    return { name: BROWSER_BUNDLES[name].title, path: paths.flat(), gzip: true, ...(limit ? { limit } : {}) };
  }),
);
