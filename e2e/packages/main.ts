// The examples as an integrator has them: packages from tarballs, installed by plain npm outside of the repository, on every
// Node that is maintained. `npm run e2e:packages` runs it; what it makes is gone when it ends, except the Nodes.
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packPackages } from "../../scripts/pack.mjs";
import { Report } from "../tools/report.ts";
import { foreignEnv, Shell } from "../tools/shell.ts";
import { command } from "./command.ts";
import { authenticatorWallet, browserWallet, quickstart, withoutOptional } from "./examples.ts";
import { installNode, NODE_VERSIONS, OWN_NODE_VERSION } from "./nodes.ts";
import { types } from "./types.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());

const report = new Report((text) => process.stderr.write(text));
const folder = await realpath(await mkdtemp(join(tmpdir(), "cloudbackup-packages-")));
try {
  const packed = packPackages(join(folder, "packed"));
  const shell = new Shell(folder, foreignEnv(process.env), stop.signal);
  const bins = new Map<string, string>();
  await report.chapter("Nodes", stop.signal, async (step) => {
    for (const version of NODE_VERSIONS) {
      bins.set(version, await step(`npm install node@${version}`, () => installNode(shell, version)));
    }
  });
  for (const [version, bin] of bins) {
    const place = (name: string): Shell => shell.withPath(bin).in(join(folder, `node-${version}`, name));
    await report.chapter(`quickstart on Node ${version}`, stop.signal, (step) =>
      quickstart(step, place("quickstart"), packed),
    );
    await report.chapter(`quickstart on Node ${version}, without optional dependencies`, stop.signal, (step) =>
      withoutOptional(step, place("without-optional"), place("quickstart"), packed),
    );
    await report.chapter(`cloudbackup on Node ${version}`, stop.signal, (step) =>
      command(step, place("command"), place("quickstart"), packed),
    );
    await report.chapter(`authenticator-wallet on Node ${version}`, stop.signal, (step) =>
      authenticatorWallet(step, place("authenticator-wallet"), packed),
    );
    if (version !== OWN_NODE_VERSION) continue;
    await report.chapter("browser-wallet", stop.signal, (step) => browserWallet(step, place("browser-wallet"), packed));
    await report.chapter("types", stop.signal, (step) => types(step, place("types"), packed));
  }
  process.stderr.write(`${report.passed} passed, ${report.failed} failed\n`);
  process.exitCode = report.failed === 0 ? 0 : 1;
} catch (error) {
  if (!stop.signal.aborted) throw error;
  process.exitCode = 130;
} finally {
  await rm(folder, { recursive: true, force: true });
}
