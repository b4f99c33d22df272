import { parseArgs } from "node:util";
import pc from "picocolors";
import { jsonNarrator, type Narrator, terminalNarrator } from "./narrator.ts";
import { playStory } from "./story.ts";

const USAGE = `Usage: demo [--json]

Registers, backs a wallet up, loses the device and brings the wallet back, with a real server on this machine.
  --json   print one JSON document of steps and results instead
`;

/** Plays the demo. @returns the exit code: 0 if everything was as it must be, 1 if not, 2 for unknown arguments */
export async function main(args: string[], out: { write(text: string): unknown; isTTY?: boolean }): Promise<number> {
  let options: { json?: boolean | undefined; help?: boolean | undefined };
  try {
    options = parseArgs({ args, options: { json: { type: "boolean" }, help: { type: "boolean" } } }).values;
  } catch (error) {
    out.write(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    out.write(USAGE);
    return 0;
  }
  const narrator: Narrator = options.json
    ? jsonNarrator((text) => out.write(text))
    : terminalNarrator((text) => out.write(text), pc.createColors(pc.isColorSupported && out.isTTY === true));
  try {
    await playStory(narrator);
    narrator.end();
    return 0;
  } catch (error) {
    narrator.end(error);
    return 1;
  }
}
