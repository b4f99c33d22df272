import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as installed from "@cloudbackup/core";
import { build } from "esbuild";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  BROWSER_BUNDLES,
  type BrowserBundleName,
  bundleForBrowser,
  measureBrowserBundle,
} from "../scripts/browser-bundle.ts";
import { root } from "../scripts/setup.mjs";

const names = Object.keys(BROWSER_BUNDLES) as BrowserBundleName[];
const isBuiltin = (name: string) => name.startsWith("node:") || builtinModules.includes(name);

describe.each(names)("the bundle of %s", (name) => {
  it("has nothing of Node", async () => {
    const { inputs, imports } = await bundleForBrowser(name);
    expect(imports.filter(isBuiltin)).toEqual([]);
    expect(
      Object.keys(inputs).filter((path) => /native|node|undici/.test(path.replaceAll("node_modules", ""))),
    ).toEqual([]);
    expect(Object.keys(inputs).length).toBeGreaterThan(0);
  });
});

it.each(["@cloudbackup/client/node", "../packages/core/dist/primitives/native.js"])(
  "is not made of %s",
  async (path) => {
    const made = build({
      stdin: { contents: `export * from "${path}";`, resolveDir: join(root, "bench") },
      bundle: true,
      write: false,
      platform: "browser",
      logLevel: "silent",
      tsconfigRaw: {},
    });
    await expect(made).rejects.toThrow(/Could not resolve "node:/);
  },
);

it("measures what it made", async () => {
  const { gzipBytes, laterGzipBytes, minifiedBytes, inputs } = await measureBrowserBundle();
  const { files, entry } = await bundleForBrowser("client");
  const first = Object.values(files).filter(({ isLater }) => !isLater);
  expect(files[entry]?.isLater).toBe(false);
  expect(minifiedBytes).toBe(first.reduce((total, { code }) => total + code.length, 0));
  expect(gzipBytes).toBeLessThan(minifiedBytes);
  expect(laterGzipBytes).toBeGreaterThan(0);
  const paths = Object.keys(inputs).join("\n");
  expect(paths).toContain("packages/client/dist/");
  expect(paths).toContain("packages/core/dist/");
  expect(paths).not.toContain("wordlists");
});

it("leaves for later what few calls need", async () => {
  const { files } = await bundleForBrowser("client");
  const text = (isLater: boolean) =>
    Object.values(files)
      .filter((file) => file.isLater === isLater)
      .map(({ code }) => new TextDecoder().decode(code))
      .join("\n");
  // An outcome that only `verify` gives.
  expect(text(true)).toMatch(/["'`]carried["'`]/);
  expect(text(false)).not.toMatch(/["'`]carried["'`]/);
  // What is said of a whole backup alone.
  const opening = (isLater: boolean) => text(isLater).includes("The backup does not have its checksum");
  expect([opening(true), opening(false)]).toEqual([true, false]);
});

describe("what a browser runs", () => {
  const seed = Uint8Array.from({ length: 64 }, (_, i) => i);
  const realm = new Uint8Array(16).fill(7);
  const account = {
    id: "a",
    kind: "standard",
    network: "mainnet",
    name: "Spending",
    path: "m/84'/0'/0'",
    script: "p2wpkh",
  };
  const dump = { accounts: [account], pairings: [], labels: [{ type: "tx", ref: "00", label: "Für ihn" }] };
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

  async function bundled(): Promise<typeof installed> {
    const folder = await mkdtemp(join(tmpdir(), "cloudbackup-bundle-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { entry, files } = await bundleForBrowser("core");
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    for (const [file, { code }] of Object.entries(files)) await writeFile(join(folder, file), code);
    return import(/* @vite-ignore */ pathToFileURL(join(folder, entry)).href);
  }

  it("derives the keys that Node derives, and signs alike", async () => {
    const browser = await bundled();
    expect(browser.defaultPrimitives).not.toBe(installed.defaultPrimitives);
    const [there, here] = [browser, installed].map(({ deriveBackupKeys }) => deriveBackupKeys(seed, realm));
    expect(there?.walletId).toBe(here?.walletId);
    expect(there?.export()).toEqual(here?.export());
    const sign = (keys: typeof here) =>
      keys?.sign("cloudbackup/1/sign-in", "https://backup.example", new Uint8Array(32));
    expect(sign(there)).toEqual(sign(here));
  });

  it("opens what Node sealed, and seals what Node opens", async () => {
    const browser = await bundled();
    for (const [sealing, opening] of [
      [browser, installed],
      [installed, browser],
    ] as const) {
      const keys = sealing.deriveBackupKeys(seed, realm);
      const { bundle } = sealing.createBackup({ dump, keys, device: random(16), now: 1_700_000_000_000, random });
      const opened = opening.openBackup(bundle, { keys: opening.deriveBackupKeys(seed, realm) });
      expect(opening.decodeDump(opened.sections)).toMatchObject(dump);
    }
  });
});
