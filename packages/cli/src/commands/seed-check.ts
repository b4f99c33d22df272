import type { Command } from "commander";
import { readMnemonic, withSeedOptions } from "../read-seed.ts";
import { command, type Run } from "./command.ts";

export function seedCheck(run: Run): Command {
  const check = withSeedOptions(
    command("check", {
      summary: "says whether words are a valid mnemonic",
      more: "Asks for the words, which are not shown. A wrong word is named by its position.",
      examples: ["cloudbackup seed check", "cloudbackup seed check --seed-fd 3 3< words.txt"],
    }),
    { withPassphrase: false },
  );
  run(check, async (context, options) => {
    const { mnemonic, languages } = await readMnemonic(context, { ...options });
    const words = mnemonic.split(/\s+/u).length;
    context.output.result({ valid: true, words, languages }, [
      `These ${words} words are valid (${languages.join(", ")}).`,
    ]);
  });
  return check;
}
