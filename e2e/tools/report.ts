import type { ExecFileException } from "node:child_process";

/** One line a step on standard error, and what was said by a step that failed. */
export class Report {
  passed = 0;
  failed = 0;
  readonly #print: (text: string) => void;

  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  /** Steps that build on each other: the first that fails ends them, and only them. */
  async chapter(title: string, signal: AbortSignal, steps: (step: Step) => Promise<void>): Promise<void> {
    this.#print(`${title}\n`);
    try {
      await steps((name, work) => this.#step(name, work));
    } catch (error) {
      signal.throwIfAborted();
      this.failed += 1;
      this.#print(`${indented(describe(error))}\n`);
    }
  }

  async #step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const end = (word: string) =>
      this.#print(`  ${word.padEnd(6)} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)\n`);
    try {
      const result = await work();
      this.passed += 1;
      end("ok");
      return result;
    } catch (error) {
      end("FAILED");
      throw error;
    }
  }
}

export type Step = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** A command that failed has said why on its own streams; what it said to standard error is in the message. */
function describe(error: unknown): string {
  const { message, killed, stdout = "" } = error as ExecFileException;
  const ended = killed ? "It took too long, and was ended." : "";
  return [message, ended, stdout]
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join("\n");
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "         ");
}
