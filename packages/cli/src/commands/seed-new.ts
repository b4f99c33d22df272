import type { Command } from "commander";
import { command, type Run } from "./command.ts";

export function seedNew(run: Run): Command {
  const made = command("new", {
    summary: "makes a new mnemonic",
    more: "The words are shown once, and kept nowhere. Write them down on paper.",
    examples: ["cloudbackup seed new", "cloudbackup seed new --words 12"],
  });
  run(made, async () => {
    throw new Error("comes with generateMnemonic of core");
  });
  return made;
}
