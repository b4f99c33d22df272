// What the npm scripts of this repository do. Each sets up first, so that it runs in a fresh clone.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { checkPackages } from "./check-packages.mjs";
import { chromiumPath } from "./chromium.mjs";
import { packPackages } from "./pack.mjs";
import { release } from "./release.mjs";
import { ensureBuilt, ensureInstalled, nodePath, root, runNode, SetupError, say, toolPath } from "./setup.mjs";

const COMMANDS = {
  bench: (args) => runNode([join(root, "bench", "src", "main.ts"), ...args]).status,
  "browser-wallet": () => serve([join(root, "examples", "browser-wallet", "serve.ts")]),
  build: () => 0,
  // A person's files are where the person is: npm goes to the repository's root.
  cloudbackup: (args) => serve([join(root, "packages", "cli", "dist", "main.js"), ...args], process.env.INIT_CWD),
  demo: (args) => runNode([join(root, "examples", "authenticator-wallet", "src", "demo.ts"), ...args]).status,
  fuzz: (args) => runNode([join(root, "fuzz", "src", "main.ts"), ...args]).status,
  quickstart: (args) => runNode([join(root, "examples", "quickstart", "src", "quickstart.ts"), ...args]).status,
  start: (args) => serve([join(root, "packages", "server", "dist", "main.js"), ...args]),
  test: (args) => runTool("vitest", ["run", "--config", "vitest.workspace.ts", ...args]),
  "e2e:browser": (args) => {
    // Before vitest starts, so that who has none reads a sentence.
    chromiumPath();
    return runTool("vitest", ["run", "--config", "vitest.browser.ts", ...args]);
  },
  torture: (args) => runNode([join(root, "e2e", "torture", "main.ts"), ...args]).status,
  docs: () => runTool("typedoc", []),
  "e2e:image": () => runNode([join(root, "e2e", "image", "main.ts")]).status,
  "e2e:packages": () => runNode([join(root, "e2e", "packages", "main.ts")]).status,
  changeset: (args) => runTool("@changesets/cli", args, "changeset"),
  pack,
  release,
  format: () => runTool("@biomejs/biome", ["check", "--write", "."], "biome"),
  check,
};

/** What `npm publish` would publish, in a folder of one's choice. */
function pack([folder = "packed"]) {
  for (const file of Object.values(packPackages(folder))) say(file);
  return 0;
}

/** Types, docstrings, lint, format and what is published; all of them, so that one run shows everything. */
function check() {
  const results = typeProjects().map((project) => {
    say(`Types of ${project} …`);
    return runTool("typescript", ["-p", project], "tsc");
  });
  say("Docstrings …");
  results.push(runTool("typedoc", ["--emit", "none", "--logLevel", "Warn"]));
  say("Lint and format …");
  results.push(runTool("@biomejs/biome", ["ci", "--error-on-warnings", "."], "biome"));
  results.push(checkPackages());
  return results.every((status) => status === 0) ? 0 : 1;
}

/** Runs until it ends by itself or by a signal, which is handed on: who stops this stops the server. */
function serve(args, cwd = root) {
  const child = spawn(nodePath(), args, { cwd, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new SetupError(`The repository's own Node does not start: ${error.message}`)));
    child.on("close", (code) => resolve(code));
  });
}

/** Every folder with a tsconfig.json, the root's own files last. */
function typeProjects() {
  const folders = ["packages", "examples"].flatMap((parent) =>
    readdirSync(join(root, parent)).flatMap((name) => [`${parent}/${name}`, `${parent}/${name}/test`]),
  );
  return [...folders, "bench", "e2e", "fuzz", "."].filter((folder) => existsSync(join(root, folder, "tsconfig.json")));
}

function runTool(name, args, bin) {
  return runNode([toolPath(name, bin), ...args]).status;
}

async function main([command, ...args]) {
  const run = COMMANDS[command];
  if (!run) throw new SetupError(`Unknown command; there are ${Object.keys(COMMANDS).join(", ")}`);
  ensureInstalled();
  ensureBuilt();
  return (await run(args)) ?? 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
