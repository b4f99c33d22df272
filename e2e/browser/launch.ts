import { type Browser, chromium } from "playwright-core";
import { chromiumPath } from "../../scripts/chromium.mjs";

/** No sandbox, so that it runs as root, as CI does; nothing that the browser asks for by itself. */
const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: FLAGS });
}
