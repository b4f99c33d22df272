import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/main.ts"],
  format: "esm",
  target: "node22",
  platform: "node",
  // main.js must load on an old Node to say so: all else stays behind a dynamic import, in chunks of its own.
  splitting: true,
  clean: true,
  treeshake: true,
});
