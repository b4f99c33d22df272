// Where the browser is that tests and benchmarks run in, and how it is started.
import { existsSync } from "node:fs";
import { SetupError } from "./setup.mjs";

/** Where Debian's package puts it. */
const DEBIANS = "/usr/bin/chromium";

/** No sandbox, so that it runs as root, as CI does; nothing that the browser asks for by itself. */
export const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @throws SetupError that says what to install */
export function chromiumPath(env = process.env, exists = existsSync) {
  const named = env.CLOUDBACKUP_CHROMIUM;
  const path = named || DEBIANS;
  if (exists(path)) return path;
  throw new SetupError(
    named
      ? `CLOUDBACKUP_CHROMIUM names ${path}, which is not there`
      : `There is no Chromium at ${path}. Install it (Debian, Ubuntu: apt-get install chromium), or name a Chromium or Chrome by CLOUDBACKUP_CHROMIUM`,
  );
}
