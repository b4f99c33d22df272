import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../packages/server/dist/main.js", import.meta.url));

export interface LaunchOptions {
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** A program and its arguments that run the server, `strace` for example. It must leave signals to the server. */
  under?: readonly string[];
}

/** The server as a self-hoster runs it: the built program, in a process of its own. */
export class ServerProgram {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #output = "";
  #url = "";

  private constructor({ args = [], env = {}, under = [] }: LaunchOptions) {
    const [command = process.execPath, ...rest] = [...under, process.execPath, main, ...args];
    const child = spawn(command, rest, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (this.#output += chunk));
    this.#child = child;
    this.#ended = new Promise((resolve) => child.on("close", resolve));
  }

  /** Starts it on a port of its choice, or on a given one, and waits until it says its URL. */
  static async start(dataDir: string, port = 0): Promise<ServerProgram> {
    const program = ServerProgram.launch(dataDir, { env: { CLOUDBACKUP_PORT: String(port) } });
    await program.listening();
    return program;
  }

  /** Starts it for trying out: its data is gone when it ends, and its mail is printed. */
  static async startDev(): Promise<ServerProgram> {
    const program = new ServerProgram({ args: ["dev"], env: { CLOUDBACKUP_PORT: "0" } });
    await program.listening();
    return program;
  }

  /** Starts it, on a port of its choice if `env` names none, and waits for nothing. */
  static launch(dataDir: string, { env, ...options }: LaunchOptions = {}): ServerProgram {
    return new ServerProgram({
      ...options,
      env: { CLOUDBACKUP_DATA_DIR: dataDir, CLOUDBACKUP_PORT: "0", ...env },
    });
  }

  /** Its URL, as soon as it says it. Rejects where it ends before. */
  async listening(): Promise<string> {
    [this.#url] = await this.printed(/http:\/\/127\.0\.0\.1:\d+/);
    return this.#url;
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

  /**
   * No handler of the program runs, as at a crash. What it wrote and did not sync survives: a power cut takes that too.
   *
   * @returns whether it ended by that, and not by itself just before
   */
  async kill(): Promise<boolean> {
    this.#child.kill("SIGKILL");
    await this.#ended;
    return this.#child.signalCode === "SIGKILL";
  }

  /** As a service manager would. The exit code. */
  async stop(): Promise<number | null> {
    this.#child.kill("SIGTERM");
    return this.#ended;
  }
}
