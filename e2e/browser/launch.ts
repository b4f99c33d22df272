import { type Browser, chromium } from "playwright-core";
import { BROWSER_FLAGS, chromiumPath } from "../../scripts/chromium.mjs";

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: BROWSER_FLAGS });
}
