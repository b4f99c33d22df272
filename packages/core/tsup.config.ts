import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Options } from "tsup";

const SMALL_CURVE = fileURLToPath(new URL("src/curves/secp256k1.ts", import.meta.url));
const BASE58CHECK = fileURLToPath(new URL("src/curves/base58check.ts", import.meta.url));
const BUNDLED = { bip32: "@scure/bip32", secp256k1: "@noble/curves/secp256k1.js", base: "@scure/base" };

/** Where `curves/small.ts` imports BIP-32, the library itself goes into the package, on the smaller curve and base. */
const smallCurves: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "small-curves",
  setup(build) {
    build.onResolve({ filter: new RegExp(`^${BUNDLED.bip32}$`) }, ({ importer }) =>
      importer.endsWith("small.ts") ? null : { path: BUNDLED.bip32, external: true },
    );
    build.onResolve({ filter: new RegExp(`^${BUNDLED.secp256k1}$`) }, () => ({ path: SMALL_CURVE }));
    build.onResolve({ filter: new RegExp(`^${BUNDLED.base}$`) }, () => ({ path: BASE58CHECK }));
  },
};

const LANGUAGES = readdirSync(new URL("src/seed/wordlists", import.meta.url)).map((file) => basename(file, ".ts"));

/** What package.json's `exports` name. */
const PUBLIC = {
  entry: {
    index: "src/index.ts",
    wire: "src/wire.ts",
    seed: "src/seed.ts",
    headers: "src/headers.ts",
    interchange: "src/interchange.ts",
    "seed/picture": "src/seed/picture.ts",
    "seed/wordlists": "src/seed/wordlists.ts",
    ...Object.fromEntries(LANGUAGES.map((name) => [`seed/wordlists/${name}`, `src/seed/wordlists/${name}.ts`])),
  },
};

export default defineConfig({
  entry: {
    ...PUBLIC.entry,
    // Modules of their own, so that a bundler can leave to what is loaded later all but what the first one needs.
    "create-backup": "src/create-backup.ts",
    "dump/compare": "src/dump/compare.ts",
    "dump/merge": "src/dump/merge.ts",
    "open-backup": "src/open-backup.ts",
    "cbor-library/full": "src/cbor-library/full.ts",
    "cbor-library/small": "src/cbor-library/small.ts",
    "curves/full": "src/curves/full.ts",
    "curves/small": "src/curves/small.ts",
    "primitives/native": "src/primitives/native.ts",
    "primitives/portable": "src/primitives/portable.ts",
  },
  // Chosen by the package's "imports" map where the package is used, not where it is built.
  external: ["#cbor", "#curves", "#primitives", /^node:/],
  noExternal: Object.values(BUNDLED),
  esbuildPlugins: [smallCurves],
  // jsonc-parser, which is no dependency but goes into the package: what Node would load of it no bundler can follow.
  esbuildOptions(options) {
    options.mainFields = ["module", "main"];
  },
  format: "esm",
  target: "es2022",
  platform: "neutral",
  // A bundler must see that it is Node's module, and no package of that name.
  removeNodeProtocol: false,
  dts: {
    // For `using`: consumers need not have the library in their own configuration.
    banner: '/// <reference lib="esnext.disposable" />',
    ...PUBLIC,
  },
  clean: true,
  // Nothing is imported for what it does when it is loaded: a bundler would warn of such imports.
  treeshake: { moduleSideEffects: false },
});
