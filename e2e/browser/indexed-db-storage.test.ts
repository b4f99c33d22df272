import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Storage } from "@cloudbackup/client";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { storageSuite } from "../../packages/client/test/support/storage-suite.ts";
import { root } from "../../scripts/setup.mjs";
import { launchChromium } from "./launch.ts";

declare global {
  /** What the page makes of `@cloudbackup/client/browser`. */
  var browserStorage: typeof import("@cloudbackup/client/browser");
}

const server = createServer(
  (_, response) => void response.setHeader("content-type", "text/html").end("<title>-</title>"),
);
let browser: Browser;
let page: Page;
let databases = 0;
/** Puts the package into a page. */
let script: string;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "@cloudbackup/client/browser";', resolveDir: join(root, "bench") },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "browserStorage",
    tsconfigRaw: {},
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await launchChromium();
  page = await browser.newPage();
  script = `${outputFiles[0]?.text}; globalThis.browserStorage = browserStorage;`;
  await page.addInitScript(script);
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterAll(async () => {
  await browser?.close();
  await new Promise((resolve) => server.close(resolve));
});

/** The storage in the page, as if it were here. */
function storageInPage(name: string): Storage {
  return {
    get: async (key) => {
      const found = await page.evaluate(
        async ([name, key]) => [...((await browserStorage.indexedDbStorage({ name }).get(key)) ?? [-1])],
        [name, key] as const,
      );
      return found[0] === -1 ? undefined : Uint8Array.from(found);
    },
    set: (key, bytes) =>
      page.evaluate(
        ([name, key, bytes]) => browserStorage.indexedDbStorage({ name }).set(key, Uint8Array.from(bytes)),
        [name, key, [...bytes]] as const,
      ),
    delete: (key) =>
      page.evaluate(([name, key]) => browserStorage.indexedDbStorage({ name }).delete(key), [name, key] as const),
    keys: (prefix) =>
      page.evaluate(([name, prefix]) => browserStorage.indexedDbStorage({ name }).keys(prefix), [
        name,
        prefix,
      ] as const),
  };
}

storageSuite("Chromium's IndexedDB", () => storageInPage(`suite ${databases++}`));

it("asks Chromium for strict durability, which it knows", async () => {
  const durability = await page.evaluate(async () => {
    const asked: string[] = [];
    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (...args) {
      const transaction = begin.apply(this, args);
      if (transaction.mode === "readwrite") asked.push(transaction.durability);
      return transaction;
    };
    await browserStorage.indexedDbStorage({ name: "durability" }).set("key", Uint8Array.of(1));
    IDBDatabase.prototype.transaction = begin;
    return asked;
  });
  expect(durability).toEqual(["strict"]);
});

it("keeps entries over a reload", async () => {
  await storageInPage("reload").set("key", Uint8Array.of(1, 2));
  await page.reload();
  expect(await storageInPage("reload").get("key")).toEqual(Uint8Array.of(1, 2));
});

it("says that Chromium gives no more room, and keeps what was there", async () => {
  // In a context of its own: Chromium remembers for a while how much room it has promised.
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const small = await context.newPage();
  await small.addInitScript(script);
  const { origin } = new URL(page.url());
  const devtools = await context.newCDPSession(small);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 500_000 });
  await small.goto(page.url());
  const said = await small.evaluate(async () => {
    const storage = browserStorage.indexedDbStorage({ name: "full" });
    await storage.set("key", Uint8Array.of(1));
    let error: unknown;
    for (let n = 0; n < 100 && !error; n++) {
      const bytes = crypto.getRandomValues(new Uint8Array(60_000));
      await storage.set(`more/${n}`, bytes).catch((caught) => {
        error = caught;
      });
    }
    const { code } = error as { code?: string };
    return { code, isOurs: error instanceof browserStorage.StorageFullError, kept: (await storage.get("key"))?.[0] };
  });
  expect(said).toEqual({ code: "ERR_CB_STORAGE_FULL", isOurs: true, kept: 1 });
});
