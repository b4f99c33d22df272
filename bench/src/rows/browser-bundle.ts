import { MAX_CLIENT_KB, measureBrowserBundle } from "../../../scripts/browser-bundle.ts";
import type { Benchmark } from "../benchmark.ts";
import { atMost, rowOf } from "../row.ts";

/** What an app in a browser loads of the client and core, word lists apart. */
export const browserBundle: Benchmark = {
  names: ["browser-bundle"],
  async run() {
    const { gzipBytes, laterGzipBytes } = await measureBrowserBundle();
    const later = `; ${(laterGzipBytes / 1000).toFixed(1)} kB more are loaded when they are needed`;
    const note = `what an app that imports createClient loads at first, core included, by Vite's bundler, minified, gzip level 9${later}`;
    return [rowOf({ name: "browser-bundle", value: gzipBytes / 1000, unit: "kB", goal: atMost(MAX_CLIENT_KB), note })];
  },
};
