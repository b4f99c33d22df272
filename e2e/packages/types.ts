import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../scripts/setup.mjs";
import type { Step } from "../tools/report.ts";
import type { Shell } from "../tools/shell.ts";
import { assertOwnPackages, npmInstall, type Packed, writeManifest } from "./integrator.ts";

/** What a wallet's own compiler says of the packages, their declarations and those of all that they import included. */
export async function types(step: Step, shell: Shell, packed: Packed): Promise<void> {
  await step("npm install", async () => {
    const { devDependencies: ours } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const tools = { "@types/node": ours["@types/node"], typescript: ours.typescript };
    const dependencies = { ...packed, valibot: "^1.5.0" };
    await writeManifest(shell.folder, { private: true, type: "module", dependencies, devDependencies: tools }, packed);
    await cp(join(root, "e2e", "packages", "consumer"), shell.folder, { recursive: true });
    await npmInstall(shell);
    // The command is a program, of which nothing can be imported.
    await assertOwnPackages(
      shell,
      Object.keys(packed).map((name) => `${name}/package.json`),
    );
  });
  const tsc = join(shell.folder, "node_modules", ".bin", "tsc");
  for (const [module, resolution] of [
    ["esnext", "bundler"],
    ["nodenext", "nodenext"],
  ]) {
    const strict = ["--noEmit", "--strict", "--skipLibCheck", "false", "--target", "es2023"];
    const modules = ["--module", `${module}`, "--moduleResolution", `${resolution}`];
    const check = (...args: string[]) => shell.run(tsc, [...strict, ...modules, ...args]);
    await step(`a wallet, without Node's types, --moduleResolution ${resolution}`, () =>
      check("--lib", "es2023,dom", "wallet.ts"),
    );
    await step(`a server and a wallet on Node, --moduleResolution ${resolution}`, () =>
      check("--lib", "es2023", "--types", "node", "server.ts"),
    );
  }
}
