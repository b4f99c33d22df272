import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Finding } from "./api.ts";
import { torture } from "./torture.ts";
import { killsOf } from "./totals.ts";

/*
 * npm run torture -- [--kills N] [--seed S]
 *
 * Progress goes to stderr, what was seen to stdout as JSON. Exit code 1: something was found, and is described.
 */

const DEFAULT_KILLS = 1000;
const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { kills: { type: "string" }, seed: { type: "string" } } });
  const kills = Number(values.kills ?? DEFAULT_KILLS);
  if (!Number.isSafeInteger(kills) || kills < 1) throw new RangeError("--kills must be a whole number from 1 on");
  const seed = values.seed ?? randomBytes(4).toString("hex");
  say(`${kills} kills with --seed ${seed}`);

  const folder = await mkdtemp(join(tmpdir(), "cloudbackup-torture-"));
  const started = performance.now();
  try {
    const totals = await torture({
      kills,
      seed,
      folder,
      onKill: (soFar) => {
        const count = killsOf(soFar);
        if (count % 10 !== 0 && count !== kills) return;
        const seconds = Math.round((performance.now() - started) / 1000);
        say(`${count} of ${kills} kills, ${soFar.commits} backups acknowledged, ${soFar.opened} opened, ${seconds} s`);
      },
    });
    await rm(folder, { recursive: true });
    process.stdout.write(`${JSON.stringify({ seed, ...totals })}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    say(`\n${error.message}\nAgain: npm run torture -- --kills ${kills} --seed ${seed}`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
