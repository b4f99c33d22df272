import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { repositoryOf } from "../release.mjs";
import { PACKAGES, root, SetupError } from "../setup.mjs";

it("says where a package's source is, from what the workflow knows", () => {
  const env = { GITHUB_SERVER_URL: "https://github.example", GITHUB_REPOSITORY: "acme/backup" };
  expect(repositoryOf(env, "packages/core")).toEqual({
    type: "git",
    url: "git+https://github.example/acme/backup.git",
    directory: "packages/core",
  });
});

it("refuses to release from anywhere else", () => {
  expect(() => repositoryOf({}, "packages/core")).toThrow(SetupError);
});

it.each(PACKAGES)("%s is published to everybody, with provenance", (name) => {
  const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
  expect(manifest.publishConfig).toEqual({ access: "public", provenance: true });
});
