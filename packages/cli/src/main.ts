#!/usr/bin/env node
import { nodeVersionProblem } from "./node-version.ts";

const problem = nodeVersionProblem(process.versions.node);
if (problem) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
} else {
  // Only now: libraries end an old Node with what nobody understands.
  const { runProcess } = await import("./process.ts");
  await runProcess();
}
