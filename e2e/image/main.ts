// The server's image: built from deploy/Dockerfile by buildah, and run under what deploy/compose.yaml asks for.
// `npm run e2e:image` runs it; it takes root on Linux, buildah and debootstrap, and says so where they are not there.
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packPackages } from "../../scripts/pack.mjs";
import { root } from "../../scripts/setup.mjs";
import { Report } from "../tools/report.ts";
import { foreignEnv, Shell } from "../tools/shell.ts";
import { makeBaseImage } from "./base.ts";
import { Buildah, obstacle } from "./buildah.ts";
import type { ImageConfig } from "./container.ts";
import { examine, runImage } from "./examine.ts";

const IMAGE = "localhost/cloudbackup-server";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());

const shell = new Shell(root, foreignEnv(process.env), stop.signal);
const why = await obstacle(shell);
if (why) process.stderr.write(`The server's image was NOT built: ${why}\n`);
else process.exitCode = await check();

async function check(): Promise<number> {
  const report = new Report((text) => process.stderr.write(text));
  const folder = await realpath(await mkdtemp(join(tmpdir(), "cloudbackup-image-")));
  try {
    const buildah = await Buildah.in(folder, shell);
    await report.chapter("The server's image", stop.signal, async (step) => {
      await step("a stand-in for node:24-slim", () =>
        makeBaseImage(buildah, shell, join(folder, "base"), "docker.io/library/node:24-slim"),
      );
      await step("builds from packed packages", async () => {
        packPackages(join(root, "packed"));
        const how = ["--isolation", "chroot", "--format", "docker", "--pull-never"];
        await buildah.run("bud", ...how, "--file", "deploy/Dockerfile", "--tag", IMAGE, ".");
      });
      const config: ImageConfig = JSON.parse(await buildah.run("inspect", "--type", "image", IMAGE)).Docker.config;
      const files = await buildah.run("mount", await buildah.run("from", "--pull-never", IMAGE));
      await step("holds no tarball, and nothing that its user could change", () => examine(shell, config, files));
      await runImage(step, shell, config, files, folder);
    });
    process.stderr.write(`${report.passed} passed, ${report.failed} failed\n`);
    return report.failed === 0 ? 0 : 1;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return 130;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
