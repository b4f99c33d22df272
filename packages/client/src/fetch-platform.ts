import type { Fetch } from "./options.ts";

/** The platform's own. */
export const defaultFetch: Fetch = (url, init) => globalThis.fetch(url, init);
