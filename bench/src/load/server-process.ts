import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ORIGIN } from "./wallet.ts";

const PROGRAM = fileURLToPath(new URL("../../../packages/server/dist/main.js", import.meta.url));
const VARIANTS = fileURLToPath(new URL("./variants.ts", import.meta.url));

/** A server in a process of its own, as a self-hoster runs it. */
export class ServerProcess implements AsyncDisposable {
  readonly origin: string;
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(origin: string, child: ChildProcess) {
    this.origin = origin;
    this.pid = child.pid as number;
    this.#child = child;
  }

  /**
   * Starts it on a free port and waits until it listens.
   *
   * @param options.variant one of variants.ts instead of the server's own program
   * @param options.wrap a program, with arguments, that becomes the server
   */
  static async start(
    dataDir: string,
    options: { variant?: string; wrap?: readonly string[] } = {},
  ): Promise<ServerProcess> {
    const { variant, wrap = [] } = options;
    const program = variant === undefined ? [PROGRAM] : [VARIANTS, variant];
    const [command, ...args] = [...wrap, process.execPath, ...program] as [string, ...string[]];
    // A file, as a service manager keeps it: who reads a pipe would be measured, too.
    const logPath = join(dataDir, "log");
    const log = openSync(logPath, "w");
    const child = spawn(command, args, {
      env: {
        ...process.env,
        CLOUDBACKUP_DATA_DIR: dataDir,
        CLOUDBACKUP_PORT: "0",
        CLOUDBACKUP_ORIGINS: ORIGIN,
      },
      stdio: ["ignore", log, "inherit"],
    });
    closeSync(log);
    return new ServerProcess(await listening(child, logPath), child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, "close");
    this.#child.kill("SIGTERM");
    await ended;
  }
}

async function listening(child: ChildProcess, logPath: string): Promise<string> {
  for (;;) {
    if (child.exitCode !== null) throw new Error("the server ended before it listened");
    const [, origin] = /listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(readFileSync(logPath, "utf8")) ?? [];
    if (origin) return origin;
    await setTimeout(10);
  }
}
