import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Shell } from "../tools/shell.ts";

const TOOLS = ["buildah", "debootstrap", "unshare", "nsenter", "setpriv"];

/** Why an image cannot be built on this machine, or undefined. */
export async function obstacle(shell: Shell): Promise<string | undefined> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "that takes root on Linux";
  for (const tool of TOOLS) {
    const isThere = await shell.run(tool, ["--version"]).then(
      () => true,
      () => false,
    );
    if (!isThere) return `there is no ${tool}; on Debian: apt-get install buildah debootstrap`;
  }
  return undefined;
}

/** buildah with images of its own, which go with their folder. */
export class Buildah {
  readonly #shell: Shell;
  readonly #options: readonly string[];

  private constructor(shell: Shell, options: readonly string[]) {
    this.#shell = shell;
    this.#options = options;
  }

  static async in(folder: string, shell: Shell): Promise<Buildah> {
    const places = ["images", "state"].map((name) => join(folder, name));
    for (const place of places) await mkdir(place, { recursive: true });
    const [images = "", state = ""] = places;
    return new Buildah(shell, ["--root", images, "--runroot", state, "--storage-driver", "vfs"]);
  }

  async run(command: string, ...args: string[]): Promise<string> {
    return (await this.#shell.run("buildah", [...this.#options, command, ...args])).trim();
  }
}
