import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ENVIRONMENT } from "../../packages/server/src/env.ts";
import { root } from "../setup.mjs";

const settingsIn = (...files: string[]): string[] => {
  const found = files.flatMap((file) => readFileSync(join(root, file), "utf8").match(/\bCLOUDBACKUP_[A-Z_]+\b/g) ?? []);
  return [...new Set(found)].sort();
};

it("docs/operating.md has every setting of the server, and no other", () => {
  expect(settingsIn("docs/operating.md")).toEqual(Object.keys(ENVIRONMENT).sort());
});

it("the image and its compose file set every setting, or hand it on", () => {
  expect(settingsIn("deploy/Dockerfile", "deploy/compose.yaml")).toEqual(Object.keys(ENVIRONMENT).sort());
});
