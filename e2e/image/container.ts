import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Shell } from "../tools/shell.ts";

/** What an image says about how it is run. */
export interface ImageConfig {
  User: string;
  Env: string[];
  Entrypoint: string[];
  WorkingDir: string;
  StopSignal: NodeJS.Signals;
  Volumes: Record<string, object>;
  Healthcheck: { Test: string[] };
}

/** The image's files are read-only, as in compose.yaml; there are the volume and a /tmp to write to. */
const MOUNTS = `
  mount --bind "$ROOT" "$ROOT"
  mount -o remount,bind,ro "$ROOT"
  mount --bind "$DATA" "$ROOT/data"
  mount -t tmpfs tmpfs "$ROOT/tmp"
  mount -t proc proc "$ROOT/proc"
  mount --rbind /dev "$ROOT/dev"
`;

/** An image's program as the first process of its own namespaces, without rights: what compose.yaml asks of Docker. */
export class Container {
  readonly #child: ChildProcess;
  readonly #shell: Shell;
  readonly #config: ImageConfig;
  readonly #env: readonly string[];
  readonly #ended: Promise<string>;
  #output = "";
  #pid = 0;

  private constructor(child: ChildProcess, shell: Shell, config: ImageConfig, env: readonly string[]) {
    this.#child = child;
    this.#shell = shell;
    this.#config = config;
    this.#env = env;
    this.#ended = new Promise((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("close", (code, signal) => resolve(`exit code ${code ?? signal}`));
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (this.#output += text));
  }

  /** @param files the image's, mounted somewhere; @param data the folder that becomes the volume */
  static async start(shell: Shell, config: ImageConfig, files: string, data: string, port: number): Promise<Container> {
    const env = [...config.Env, `CLOUDBACKUP_PORT=${port}`];
    const program = withoutRights(config, env, config.Entrypoint);
    const start = `set -e\n${MOUNTS}\nexec chroot "$ROOT" "$@"`;
    const child = shell
      .with({ ROOT: files, DATA: data })
      .start("unshare", ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", start, "sh", ...program]);
    const container = new Container(child, shell, config, env);
    await container.#listening();
    return container;
  }

  /** The program's line of /proc/PID/status. */
  async status(name: string): Promise<string> {
    const lines = (await readFile(`/proc/${this.#pid}/status`, "utf8")).split("\n");
    return (
      lines
        .find((line) => line.startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim() ?? ""
    );
  }

  /** As `docker exec`. @throws where it ends with another code than 0 */
  async run(command: readonly string[], env: readonly string[] = []): Promise<string> {
    const inside = ["--target", `${this.#pid}`, "--mount", "--pid", "--root"];
    return this.#shell.run("nsenter", [...inside, ...withoutRights(this.#config, [...this.#env, ...env], command)]);
  }

  /** As `docker stop`, without its patience. How it ended. */
  async stop(): Promise<string> {
    process.kill(this.#pid, this.#config.StopSignal);
    return this.#ended;
  }

  /** Whatever it is doing. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  async #listening(): Promise<void> {
    const heard = Promise.withResolvers<void>();
    this.#child.stdout?.on("data", () => {
      if (this.#output.includes("listening at")) heard.resolve();
    });
    void this.#ended.then((how) => heard.reject(new Error(`The container ended with ${how}\n${this.#output}`)));
    await heard.promise;
    const { pid } = this.#child;
    this.#pid = Number(await readFile(`/proc/${pid}/task/${pid}/children`, "utf8"));
  }
}

function withoutRights(config: ImageConfig, env: readonly string[], command: readonly string[]): string[] {
  const user = [`--reuid=${config.User}`, `--regid=${config.User}`, "--clear-groups"];
  const rights = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"];
  return ["/usr/bin/setpriv", ...user, ...rights, "/usr/bin/env", "-i", "-C", config.WorkingDir, ...env, ...command];
}
