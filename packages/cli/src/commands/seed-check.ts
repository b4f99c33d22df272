import type { Command } from "commander";
import { readMnemonic, withSeedOptions } from "../read-seed.ts";
import { command, type Run } from "./command.ts";

export function seedCheck(run: Run): Command {
  const check = withSeedOptions(
    command("check", {
      summary: "says whether words are a valid mnemonic",
      more: "Asks for the words, which are not shown. A wrong word is named by its position.",
      examples: [
        "cloudbackup seed check",
        "cloudbackup seed check --qr seed.png",
        "cloudbackup seed check --seed-fd 3 3< words.txt",
      ],
    }),
    { withPassphrase: false },
  );
  run(check, async (context, options) => {
    const { mnemonic, languages, birthday } = await readMnemonic(context, { ...options });
    const words = mnemonic.split(/\s+/u).length;
    const madeAt = birthday === undefined ? null : new Date(birthday * 1000).toISOString();
    const lines = [`These ${words} words are valid (${languages.join(", ")}).`];
    if (madeAt) lines.push(`The wallet was made on ${madeAt.slice(0, 10)}.`);
    context.output.result({ valid: true, words, languages, madeAt }, lines);
  });
  return check;
}
