import { defineConfig } from "vitest/config";
import { project } from "./vitest.workspace.ts";

/** A run of its own, `npm run e2e:browser`: it needs a browser, which `npm test` does not. */
const browser = project("browser", "e2e/browser");
// Megabytes through a browser on a busy machine.
browser.test.testTimeout = 240_000;

export default defineConfig(browser);
