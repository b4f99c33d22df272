import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/wire.ts", "src/seed.ts"],
  format: "esm",
  target: "es2022",
  platform: "neutral",
  // For `using`: consumers need not have the library in their own configuration.
  dts: { banner: '/// <reference lib="esnext.disposable" />' },
  clean: true,
  treeshake: true,
});
