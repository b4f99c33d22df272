import type { Fetch } from "./options.ts";

let loaded: Promise<Fetch> | undefined;

/** undici where it is and runs; else, on Node versions that it has left, the one inside Node, an older undici. */
export const defaultFetch: Fetch = async (url, init) => {
  loaded ??= load();
  return (await loaded)(url, init);
};

async function load(): Promise<Fetch> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  // The `engines` of undici 8.
  if (major < 22 || (major === 22 && minor < 19)) return globalThis.fetch as Fetch;
  try {
    const undici = await import("undici");
    return undici.fetch as unknown as Fetch;
  } catch (error) {
    // An optional dependency: package managers leave it out where it does not run.
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    return globalThis.fetch as Fetch;
  }
}
