import { copyFile, cp, mkdir, realpath, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { nodePath } from "../../scripts/setup.mjs";
import type { Shell } from "../tools/shell.ts";
import type { Buildah } from "./buildah.ts";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Makes what stands for an image of Docker's registry, which this check does without: Debian, the repository's own Node,
 * npm, and the user `node`.
 */
export async function makeBaseImage(buildah: Buildah, shell: Shell, folder: string, name: string): Promise<void> {
  await shell.run("debootstrap", ["--variant=minbase", "bookworm", folder]);
  await copyFile(nodePath(), join(folder, "usr/local/bin/node"));
  const npmCli = await realpath((await shell.run("which", ["npm"])).trim());
  await mkdir(join(folder, "usr/local/lib/node_modules"), { recursive: true });
  await cp(dirname(dirname(npmCli)), join(folder, "usr/local/lib/node_modules/npm"), { recursive: true });
  await symlink("../lib/node_modules/npm/bin/npm-cli.js", join(folder, "usr/local/bin/npm"));
  await shell.run("chroot", [folder, "groupadd", "--gid", "1000", "node"]);
  await shell.run("chroot", [folder, "useradd", "--uid", "1000", "--gid", "node", "--create-home", "node"]);

  const settings = ["--env", `PATH=${PATH}`];
  const authorities = process.env.NODE_EXTRA_CA_CERTS;
  if (authorities) {
    // By which this machine reaches the npm registry.
    await copyFile(authorities, join(folder, "etc/authorities.pem"));
    settings.push("--env", "NODE_EXTRA_CA_CERTS=/etc/authorities.pem");
  }
  const container = await buildah.run("from", "scratch");
  await buildah.run("add", "--quiet", container, folder, "/");
  await buildah.run("config", ...settings, container);
  await buildah.run("commit", "--quiet", "--rm", container, name);
}
