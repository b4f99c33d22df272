import { MAX_CLIENT_KB, measureBrowserBundle } from "../../../scripts/browser-bundle.ts";
import type { Benchmark } from "../benchmark.ts";
import { atMost, rowOf } from "../row.ts";

/** What an app in a browser loads of the client and core, word lists apart. */
export const browserBundle: Benchmark = {
  names: ["browser-bundle"],
  async run() {
    const { gzipBytes } = await measureBrowserBundle();
    const note = "what an app that imports createClient loads, core included, by esbuild, minified, gzip level 9";
    return [rowOf({ name: "browser-bundle", value: gzipBytes / 1000, unit: "kB", goal: atMost(MAX_CLIENT_KB), note })];
  },
};
