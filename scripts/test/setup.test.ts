import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nodePath, nodeProblem, root, toolPath } from "../setup.mjs";

describe("the Node that a person has", () => {
  it.each(["20.0.0", "20.20.2", "22.19.0", "26.1.0"])("%s is new enough to set up", (version) => {
    expect(nodeProblem(version)).toBeUndefined();
  });

  it.each(["16.20.2", "18.20.8"])("%s is refused in a sentence", (version) => {
    expect(nodeProblem(version)).toBe(
      `CloudBackup needs Node 20 or later to set itself up, this is Node ${version}. See https://nodejs.org`,
    );
  });
});

it("finds the repository's own Node, which is the one that package.json names", () => {
  const { stdout } = spawnSync(nodePath(), ["--version"], { encoding: "utf8" });
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(stdout.trim()).toBe(`v${devDependencies.node}`);
});

it("finds the scripts of the tools", () => {
  for (const [name, bin] of [["vitest"], ["tsup"], ["typescript", "tsc"], ["@biomejs/biome", "biome"]] as const) {
    const { status } = spawnSync(nodePath(), [toolPath(name, bin), "--version"]);
    expect({ name, status }).toEqual({ name, status: 0 });
  }
});

it("answers an unknown command with the known ones, and no stack trace", () => {
  const { status, stderr } = spawnSync(nodePath(), [join(root, "scripts", "run.mjs"), "dance"], { encoding: "utf8" });
  expect(status).toBe(1);
  const [, list = ""] = /^Unknown command; there are (.*)\n$/.exec(stderr) ?? [];
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(list.split(", ").sort()).toEqual(Object.keys(scripts).sort());
});
