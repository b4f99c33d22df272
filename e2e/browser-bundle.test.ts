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

describe("who takes from seed", () => {
  /** Modules by the name that a package has for them; those of core, whose names say nothing, together. */
  const named = (paths: readonly string[]) =>
    [
      ...new Set(paths.map((path) => path.replace(/^.*node_modules\//, "").replace(/^.*core\/dist\/.*$/, "core"))),
    ].sort();
  const OF_WORDS = [
    "@noble/hashes/_md.js",
    "@noble/hashes/_u64.js",
    "@noble/hashes/hmac.js",
    "@noble/hashes/pbkdf2.js",
    "@noble/hashes/sha2.js",
    "@noble/hashes/utils.js",
    "@scure/bip39/index.js",
    "@scure/bip39/wordlists/english.js",
    "core",
  ];
  /** Of core itself, before it is minified: reading words, their errors, the primitive. */
  const MAX_OWN_BYTES = 11_000;
  /** What is said or held by what is not asked for: other languages, nearest words, keys, shares, QR codes. */
  const NOT_OF_WORDS = /abaisser|ábaco|あいこくしん|가격|academic|SLIP-?39|Base58|xprv|SeedQR|nearest|PNG|svg/i;

  it("mnemonicToSeed alone gets English, two hashes, and nothing of other languages, of keys, shares or pictures", async () => {
    const { inputs, files, entry } = await bundleForBrowser("seed-words");
    expect(named(Object.keys(inputs))).toEqual(OF_WORDS);
    const own = Object.entries(inputs).filter(([path]) => path.startsWith("packages/core/dist/"));
    expect(own.reduce((total, [, bytes]) => total + bytes, 0)).toBeLessThan(MAX_OWN_BYTES);
    expect(Object.keys(files)).toEqual([entry]);
    const code = new TextDecoder().decode(files[entry]?.code);
    expect(code).toContain("abandon");
    expect(code).not.toMatch(NOT_OF_WORDS);
    // All of these are there to be left out.
    const whole = await bundleForBrowser("seed");
    const wholeCode = new TextDecoder().decode(whole.files[whole.entry]?.code);
    for (const held of ["academic", "xprv", "SeedQR"]) expect(wholeCode).toContain(held);
  });

  it("mnemonicToSeed alone gets no more from another bundler", async () => {
    const { metafile, outputFiles } = await build({
      stdin: { contents: BROWSER_BUNDLES["seed-words"].source, resolveDir: join(root, "bench") },
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "browser",
      absWorkingDir: root,
      tsconfigRaw: {},
    });
    const [output] = Object.values(metafile.outputs);
    const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    expect(named(used.map(([path]) => path))).toEqual(OF_WORDS);
    expect(outputFiles[0]?.text).not.toMatch(NOT_OF_WORDS);
  });

  it("the words of one language gets no other, and who takes all gets ten", async () => {
    const one = await bundleForBrowser("wordlist");
    expect(named(Object.keys(one.inputs))).toEqual(["@scure/bip39/wordlists/japanese.js", "core"]);
    const all = await bundleForBrowser("wordlists");
    const lists = named(Object.keys(all.inputs)).filter((name) => name.startsWith("@scure/bip39/wordlists/"));
    expect(lists).toHaveLength(10);
    expect(named(Object.keys(all.inputs))).toEqual([...lists, "core"]);
  });
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
