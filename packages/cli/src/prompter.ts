import { PassThrough } from "node:stream";
import { styleText } from "node:util";
import { ConfirmPrompt, isCancel, PasswordPrompt, TextPrompt } from "@clack/core";
import { NoTerminalError } from "./errors.ts";
import type { Io, TerminalDevice } from "./io.ts";

const INTERRUPT = "\u0003";
const QUIT = "\u001c";
/** Ctrl-D, after which a line editor hears nothing any more. */
const END = "\u0004";
/** Ctrl-Z: who comes back to a program that was stopped finds the terminal's echo on. */
const STOP = "\u001a";
/** "Alternate screen", cleared, from its upper left corner; and back. @see xterm, DEC private mode 1049 */
const OWN_SCREEN = "\u001b[?1049h\u001b[2J\u001b[H";
const FORMER_SCREEN = "\u001b[2J\u001b[?1049l";

/** What is asked. */
export interface Question {
  message: string;
  /** What a program does that has no terminal, for the error. */
  instead: string;
  /** A sentence where the answer will not do: it is asked again. It must not hold the answer. */
  validate?: (answer: string) => string | undefined;
}

/**
 * Asks a person at the terminal. Echo is off from the first question until the program ends, so that nothing that is typed
 * or pasted is seen, before, between and after the questions either. What was pasted in several lines is handed out line by line.
 */
export class Prompter {
  readonly #io: Io;
  #device: TerminalDevice | undefined;
  /** What the prompt reads that is asking. */
  #input: PassThrough | undefined;
  /** What came and nobody has read. */
  #pending = "";

  constructor(io: Io) {
    this.#io = io;
  }

  /** Whether there is somebody to ask. */
  get isThere(): boolean {
    return this.#open() !== undefined;
  }

  /** Whether another line has been pasted. */
  get hasMore(): boolean {
    return /[^\s]/.test(this.#pending);
  }

  /** Shows a line at the terminal, to the person alone: never in a file or a pipe. */
  tell(line: string): void {
    this.#open()?.output.write(`${line}\n`);
  }

  /**
   * Shows lines on a screen of their own, which a terminal keeps no history of, until Enter is pressed.
   *
   * @throws NoTerminalError; the reason of `io.stop`
   */
  async showAlone(lines: readonly string[], question: string): Promise<void> {
    const output = this.#open()?.output;
    output?.write(`${OWN_SCREEN}${lines.join("\n")}\n`);
    try {
      await this.#askHidden({ message: question, instead: "Run this where there is one." }, () => "");
    } finally {
      output?.write(FORMER_SCREEN);
    }
  }

  /**
   * Words of a mnemonic or of a share, of which nothing is shown but how many there are.
   *
   * @throws NoTerminalError; the reason of `io.stop`
   */
  askWords(question: Question): Promise<string> {
    return this.#askHidden(question, (typed) => {
      const count = typed.split(/\s+/u).filter(Boolean).length;
      return count === 0 ? "" : `(${count} ${count === 1 ? "word" : "words"})`;
    });
  }

  /** A password or a passphrase. @throws NoTerminalError; the reason of `io.stop` */
  askSecret(question: Question): Promise<string> {
    return this.#askHidden(question, (typed) => "•".repeat([...typed].length));
  }

  /** What may be seen. @throws NoTerminalError; the reason of `io.stop` */
  async askText(question: Question & { initial?: string }): Promise<string> {
    const { message, validate, initial } = question;
    return this.#ask(question, (streams) =>
      new TextPrompt({
        ...streams,
        ...(initial === undefined ? {} : { initialValue: initial }),
        validate: (value) => validate?.(value ?? ""),
        render() {
          const isDone = this.state === "submit";
          return frame(message, isDone ? (this.value ?? "") : this.userInputWithCursor, this.state, this.error);
        },
      }).prompt(),
    );
  }

  /** @throws NoTerminalError; the reason of `io.stop` */
  async confirm(question: Pick<Question, "message" | "instead">): Promise<boolean> {
    return this.#ask(question, (streams) =>
      new ConfirmPrompt({
        ...streams,
        active: "Yes",
        inactive: "No",
        initialValue: false,
        render() {
          return frame(
            `${question.message} (y/N)`,
            this.state === "submit" ? (this.value ? "Yes" : "No") : "",
            this.state,
          );
        },
      }).prompt(),
    );
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.#pending = "";
    const device = this.#device;
    this.#device = undefined;
    if (!device) return;
    device.input.off("data", this.#onData);
    device.input.setRawMode(false);
    device.close();
  }

  #askHidden({ validate, ...question }: Question, shown: (typed: string) => string): Promise<string> {
    return this.#ask(question, (streams) =>
      new PasswordPrompt({
        ...streams,
        validate: (value) => validate?.(value ?? ""),
        render() {
          // What cannot be seen cannot be corrected: it is typed anew.
          if (this.state === "error") this.clear();
          return frame(question.message, shown(this.userInput), this.state, this.error);
        },
      }).prompt(),
    );
  }

  async #ask<T>(
    { message, instead }: Question,
    prompt: (streams: {
      input: PassThrough;
      output: TerminalDevice["output"];
      signal: AbortSignal;
    }) => Promise<unknown>,
  ): Promise<T> {
    const { stop } = this.#io;
    stop.throwIfAborted();
    const device = this.#open();
    if (!device) throw new NoTerminalError(message, instead);
    const input = new PassThrough();
    const asking = prompt({ input, output: device.output, signal: stop });
    this.#input = input;
    this.#handOut();
    try {
      const answer = await asking;
      if (isCancel(answer)) {
        // Escape, or Ctrl-C.
        this.#io.interrupt();
        stop.throwIfAborted();
      }
      return answer as T;
    } finally {
      this.#input = undefined;
      input.destroy();
    }
  }

  #open(): TerminalDevice | undefined {
    if (!this.#device) {
      this.#device = this.#io.openTerminal();
      if (!this.#device) return undefined;
      this.#device.input.setRawMode(true);
      this.#device.input.setEncoding("utf8");
      this.#device.input.on("data", this.#onData);
    }
    return this.#device;
  }

  readonly #onData = (chunk: string): void => {
    // Without echo the terminal makes no signals of these.
    if ([INTERRUPT, QUIT, END].some((key) => chunk.includes(key))) {
      this.#pending = "";
      this.#io.interrupt();
      return;
    }
    this.#pending += chunk.replaceAll(STOP, "");
    this.#handOut();
  };

  /** A line at a time: what comes after it is the next prompt's, or this one's where it asks again. */
  #handOut(): void {
    const input = this.#input;
    if (!input || this.#pending === "") return;
    const [line = ""] = /^[^\r\n]*(\r\n|\r|\n)?/.exec(this.#pending) ?? [];
    this.#pending = this.#pending.slice(line.length);
    input.write(line.replace(/(\r\n|\n)$/, "\r"));
    if (this.#pending !== "") setImmediate(() => this.#handOut());
  }
}

/** A problem stands above: the library fails where the last line of several goes and those before it stay as they were. */
function frame(message: string, shown: string, state: string, problem = ""): string {
  const head = `${styleText("bold", message)} ${shown}`;
  return state === "error" ? `${styleText("yellow", problem)}\n${head}` : head;
}
