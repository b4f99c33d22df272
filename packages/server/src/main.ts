#!/usr/bin/env node
import { nodeVersionProblem } from "./node-version.ts";

const problem = nodeVersionProblem(process.versions.node);
if (problem) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
} else {
  // Only now: the database driver ends an old Node without a word.
  const { runProgram } = await import("./program.ts");
  const stop = new AbortController();
  // Once: who asks a second time does not want to wait.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());
  process.exitCode = await runProgram({
    args: process.argv.slice(2),
    env: process.env,
    print: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
    stop: stop.signal,
  });
}
