import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    wire: "src/wire.ts",
    seed: "src/seed.ts",
    "primitives/native": "src/primitives/native.ts",
    "primitives/portable": "src/primitives/portable.ts",
  },
  // Chosen by the package's "imports" map where the package is used, not where it is built.
  external: ["#primitives", /^node:/],
  format: "esm",
  target: "es2022",
  platform: "neutral",
  dts: {
    // For `using`: consumers need not have the library in their own configuration.
    banner: '/// <reference lib="esnext.disposable" />',
    entry: { index: "src/index.ts", wire: "src/wire.ts", seed: "src/seed.ts" },
  },
  clean: true,
  treeshake: true,
});
