import { activateCommand } from "./activate.ts";
import { backupCommand } from "./backup.ts";
import type { CommandFactory } from "./command.ts";
import { exportCommand } from "./export.ts";
import { historyCommand } from "./history.ts";
import { importCommand } from "./import.ts";
import { loginCommand } from "./login.ts";
import { openCommand } from "./open.ts";
import { registerCommand } from "./register.ts";
import { restoreCommand } from "./restore.ts";
import { seedCommand } from "./seed.ts";
import { showCommand } from "./show.ts";
import { verifyCommand } from "./verify.ts";

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandFactory[] = [
  restoreCommand,
  registerCommand,
  activateCommand,
  loginCommand,
  backupCommand,
  showCommand,
  historyCommand,
  verifyCommand,
  exportCommand,
  openCommand,
  importCommand,
  seedCommand,
];
