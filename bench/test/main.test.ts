import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("names the figures that there are where it is asked for another", () => {
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "no-such-figure"], { encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain("There is no no-such-figure. There are seal-1MiB, ");
});
