import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../examples/browser-wallet/serve.ts", import.meta.url));

/** `npm run browser-wallet`: the page as it is built, and its server. */
export class ExampleProgram {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #said = "";

  constructor() {
    this.#child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#said += text;
      });
    }
    this.#ended = new Promise((resolve) => this.#child.on("close", resolve));
  }

  /** The first group of what it prints, now or later. */
  printed(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(this.#said)?.[1];
        if (found) resolve(found);
      };
      look();
      this.#child.stdout?.on("data", look);
      this.#child.on("close", () => reject(new Error(`it ended before it printed ${pattern}:\n${this.#said}`)));
    });
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#ended;
  }
}
