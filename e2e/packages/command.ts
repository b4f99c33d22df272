import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Step } from "../tools/report.ts";
import type { Shell } from "../tools/shell.ts";
import { withDevServer } from "./dev-server.ts";
import { npmInstall, type Packed, writeManifest } from "./integrator.ts";

/** A published mnemonic: BIP-39, test vectors. */
const WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const DUMP = `{"format": "cloudbackup-dump/1", "sections": {"accounts": [], "pairings": [], "acme.notes": [{"$hex": "00ff"}]}}`;
const ATTEMPTS = 50;

/** The command as a person has it, from installing to restoring. @param server where a server is installed */
export async function command(step: Step, shell: Shell, server: Shell, packed: Packed): Promise<void> {
  const program = join(shell.folder, "node_modules", ".bin", "cloudbackup");
  // Descriptors are the shell's to open.
  const run = (line: string): Promise<string> =>
    shell.run("/bin/sh", ["-c", `'${program}' ${line} 3< words.txt 4< password.txt`]);
  await step("npm install", async () => {
    await writeManifest(shell.folder, { private: true, dependencies: { "@cloudbackup/cli": "*" } }, packed);
    await npmInstall(shell);
    assert.ok(!existsSync(join(shell.folder, "node_modules", "@cloudbackup", "server")), "no server is installed");
    await writeFile(join(shell.folder, "words.txt"), WORDS);
    await writeFile(join(shell.folder, "password.txt"), "correct horse battery staple\n");
    await writeFile(join(shell.folder, "wallet.json"), DUMP);
  });
  await step("says what it is, and checks words", async () => {
    assert.match(await run("--help"), /^ {2}restore /m);
    const { version } = JSON.parse(
      await readFile(join(shell.folder, "node_modules", "@cloudbackup", "cli", "package.json"), "utf8"),
    );
    assert.equal(await run("--version"), `${version}\n`);
    const checked = JSON.parse(await run("seed check --json --seed-fd 3"));
    assert.deepEqual(checked, { valid: true, words: 12, languages: ["english"], madeAt: null });
  });
  await step("registers, backs up and restores", () =>
    withDevServer(server, async (url) => {
      await run(`register ${url} --state state --username hodler21 --email hodler21@example.org --password-fd 4`);
      await untilActivated(() => run("login --state state --username hodler21 --password-fd 4 --seed-fd 3"));
      const receipt = JSON.parse(await run("backup wallet.json --state state --json --seed-fd 3"));
      assert.equal(receipt.revision, 1);
      await run(`restore ${url} --no-state --out restored.json --seed-fd 3`);
      const restored = JSON.parse(await readFile(join(shell.folder, "restored.json"), "utf8"));
      assert.deepEqual(restored, JSON.parse(DUMP));
    }),
  );
}

/** The link is opened meanwhile. */
async function untilActivated(login: () => Promise<string>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await login();
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !String((error as { stderr?: string }).stderr).includes("activate")) throw error;
    }
  }
}
