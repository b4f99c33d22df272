import { Command } from "commander";
import type { CommandFactory, Run } from "./command.ts";
import { seedCheck } from "./seed-check.ts";
import { seedCombine } from "./seed-combine.ts";
import { seedNew } from "./seed-new.ts";
import { seedQr } from "./seed-qr.ts";
import { seedSplit } from "./seed-split.ts";

/** What there is under `cloudbackup seed`. */
const SEED_COMMANDS: readonly CommandFactory[] = [seedNew, seedCheck, seedSplit, seedCombine, seedQr];

export function seedCommand(run: Run): Command {
  const seed = new Command("seed")
    .summary("makes, checks and converts seeds; offline")
    .description("Makes, checks and converts seeds. Nothing of this needs or uses a network.");
  for (const make of SEED_COMMANDS) seed.addCommand(make(run));
  return seed;
}
