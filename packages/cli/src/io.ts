import type { Readable, Writable } from "node:stream";

/** A stream that may lead to a terminal. */
export type TerminalOutput = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The terminal that a person sits at, wherever the standard streams lead. */
export interface TerminalDevice {
  readonly input: Readable & { setRawMode(isRaw: boolean): unknown };
  readonly output: TerminalOutput;
  close(): void;
}

/** All that the program has of the process that it runs in: `main.ts` makes it, tests make others. */
export interface Io {
  /** Without the interpreter and the script. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly homeDir: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: TerminalOutput;
  readonly stderr: TerminalOutput;
  /** Undefined where there is none. */
  openTerminal(): TerminalDevice | undefined;
  /** What another program hands over, to be read to its end. */
  openDescriptor(descriptor: number): Readable;
  /** Aborted by Ctrl-C and by what else ends the program; its reason is an `InterruptedError`. */
  readonly stop: AbortSignal;
  /** What Ctrl-C does while a prompt has the terminal. */
  interrupt(): void;
  random(length: number): Uint8Array;
}
