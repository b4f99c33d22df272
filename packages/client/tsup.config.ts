import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/node.ts", "src/fetch-node.ts", "src/fetch-platform.ts"],
  format: "esm",
  target: "es2022",
  platform: "neutral",
  // Chosen by the package's "imports" map where the package is used, not where it is built.
  external: ["#fetch", /^node:/],
  // For `using`: consumers need not have the library in their own configuration.
  dts: {
    banner: '/// <reference lib="esnext.disposable" />',
    entry: ["src/index.ts", "src/node.ts"],
    compilerOptions: { paths: { "#fetch": ["./src/fetch-node.ts"] } },
  },
  clean: true,
  treeshake: true,
});
