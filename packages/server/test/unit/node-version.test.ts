import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { nodeVersionProblem } from "../../src/node-version.ts";

test.each(["18.20.4", "20.20.2", "22.18.0"])("Node %s is refused in a sentence", (version) => {
  expect(nodeVersionProblem(version)).toBe(
    `cloudbackup-server needs Node 22.19 or newer, this is ${version}. See https://nodejs.org/en/download`,
  );
});

test.each(["22.19.0", "24.0.0", process.versions.node])("Node %s is good", (version) => {
  expect(nodeVersionProblem(version)).toBeNull();
});

test("the check is that of package.json", () => {
  expect(manifest.engines.node).toBe(">=22.19.0");
});
