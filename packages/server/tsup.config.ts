import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/main.ts"],
  format: "esm",
  target: "node22",
  platform: "node",
  // main.js must load on an old Node to say so: what crashes there stays behind a dynamic import, in a chunk of its own.
  splitting: true,
  dts: { entry: "src/index.ts" },
  clean: true,
  treeshake: true,
});
