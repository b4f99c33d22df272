// Where the browser is that the browser test runs in.
import { existsSync } from "node:fs";
import { SetupError } from "./setup.mjs";

/** Where Debian's package puts it. */
const DEBIANS = "/usr/bin/chromium";

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
