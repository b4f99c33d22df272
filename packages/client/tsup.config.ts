import { defineConfig } from "tsup";

export default defineConfig({
  entry: [
    "src/index.ts",
    "src/browser.ts",
    "src/node.ts",
    "src/testing.ts",
    // Modules of their own, so that a bundler can leave to what is loaded later what the first ones do not need.
    "src/account.ts",
    "src/errors.ts",
    "src/merge-conflict-error.ts",
    "src/fetch-node.ts",
    "src/fetch-platform.ts",
  ],
  format: "esm",
  target: "es2022",
  platform: "neutral",
  // A bundler must see that it is Node's module, and no package of that name.
  removeNodeProtocol: false,
  // "#fetch" is chosen by the "imports" map where the package is used; optional dependencies are not external by themselves.
  external: ["#fetch", "undici", /^node:/],
  // For `using`: consumers need not have the library in their own configuration.
  dts: {
    banner: '/// <reference lib="esnext.disposable" />',
    entry: ["src/index.ts", "src/browser.ts", "src/node.ts", "src/testing.ts"],
    compilerOptions: { paths: { "#fetch": ["./src/fetch-node.ts"] } },
  },
  clean: true,
  // Nothing is imported for what it does when it is loaded: a bundler would warn of such imports.
  treeshake: { moduleSideEffects: false },
});
