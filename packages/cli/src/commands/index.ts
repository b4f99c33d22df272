import type { CommandFactory } from "./command.ts";
import { seedCommand } from "./seed.ts";

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandFactory[] = [seedCommand];
