import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../packages/server/dist/main.js", import.meta.url));

/** The server as a self-hoster runs it: the built program, in a process of its own. */
export class ServerProgram {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  private constructor(child: ChildProcess, url: string, ended: Promise<number | null>) {
    this.#child = child;
    this.url = url;
    this.#ended = ended;
  }

  /** Starts it on a port of its choice, or on a given one, and waits until it says its URL. */
  static async start(dataDir: string, port = 0): Promise<ServerProgram> {
    const env = { ...process.env, CLOUDBACKUP_DATA_DIR: dataDir, CLOUDBACKUP_PORT: String(port) };
    const child = spawn(process.execPath, [main], { env, stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    let output = "";
    const url = await new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk) => {
          output += chunk;
          const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output);
          if (found) resolve(found[0]);
        });
      }
      child.on("close", () => reject(new Error(`the server ended before it listened:\n${output}`)));
    });
    return new ServerProgram(child, url, ended);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** No handler of the program runs, as at a crash. What it wrote and did not sync survives: a power cut takes that too. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** As a service manager would. The exit code. */
  async stop(): Promise<number | null> {
    this.#child.kill("SIGTERM");
    return this.#ended;
  }
}
