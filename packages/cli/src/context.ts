import type { Io } from "./io.ts";
import type { Output } from "./output.ts";
import type { Prompter } from "./prompter.ts";

/** What every command works with. */
export interface Context {
  readonly io: Io;
  readonly output: Output;
  readonly prompter: Prompter;
}
