import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../packages/server/dist/main.js", import.meta.url));

/** The server as a self-hoster runs it: the built program, in a process of its own. */
export class ServerProgram {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #output = "";
  #url = "";

  private constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    const child = spawn(process.execPath, [main, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (this.#output += chunk));
    this.#child = child;
    this.#ended = new Promise((resolve) => child.on("close", resolve));
  }

  /** Starts it on a port of its choice, or on a given one, and waits until it says its URL. */
  static async start(dataDir: string, port = 0): Promise<ServerProgram> {
    return ServerProgram.#listening([], { CLOUDBACKUP_DATA_DIR: dataDir, CLOUDBACKUP_PORT: String(port) });
  }

  /** Starts it for trying out: its data is gone when it ends, and its mail is printed. */
  static async startDev(): Promise<ServerProgram> {
    return ServerProgram.#listening(["dev"], { CLOUDBACKUP_PORT: "0" });
  }

  static async #listening(args: readonly string[], env: NodeJS.ProcessEnv): Promise<ServerProgram> {
    const program = new ServerProgram(args, env);
    [program.#url] = await program.printed(/http:\/\/127\.0\.0\.1:\d+/);
    return program;
  }

  get url(): string {
    return this.#url;
  }

  /** Waits until it has printed what the pattern matches. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(this.#output);
        if (found) resolve(found);
      };
      look();
      for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on("data", look);
      this.#child.on("close", () =>
        reject(new Error(`the server ended before it printed ${pattern}:\n${this.#output}`)),
      );
    });
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
