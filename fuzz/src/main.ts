import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { corpusText } from "./corpus.ts";
import { type Finding, fuzz, replay, type TargetResult } from "./fuzz.ts";

const DEFAULT_CASES = 10_000_000;
const MAX_SHOWN = 2_000;
const SAY_EVERY_MS = 30_000;
const targets = new URL("targets/index.ts", import.meta.url).href;

const USAGE = `npm run fuzz -- [--cases ${DEFAULT_CASES}] [--seed N] [--target NAME]
npm run fuzz -- --target NAME --seed N --case N     replays one case`;

let saidAt = 0;
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // An argument that is unknown or wrong; all else is this program's own mistake.
  if (!(error instanceof RangeError) && !isOfParseArgs(error)) throw error;
  say(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}

/** @returns the process's exit code: 1 for a finding */
async function main(args: string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args, options: { cases: text, seed: text, target: text, case: text } });
  const { target } = values;
  const seed = integerOf(values.seed ?? `${randomInt(2 ** 32)}`, "seed");
  if (values.case === undefined) return run(integerOf(values.cases ?? `${DEFAULT_CASES}`, "cases"), seed, target);
  if (target === undefined || values.seed === undefined) throw new RangeError("--case needs --target and --seed");
  return runOne(target, seed, integerOf(values.case, "case"));
}

async function run(cases: number, seed: number, only: string | undefined): Promise<number> {
  say(`${cases} cases, seed ${seed}; ${corpusText}`);
  const { findings, ...result } = await fuzz({
    targets,
    cases,
    seed,
    only,
    onProgress,
    onTarget: (target) => sayAlone(lineOf(target)),
    onFinding: (finding) => sayAlone(wordsOf(finding)),
  });
  const peakMib = Math.round(process.resourceUsage().maxRSS / 1024);
  say(`${result.cases} cases, ${findings.length} findings, at most ${peakMib} MiB of memory`);
  return findings.length > 0 ? 1 : 0;
}

/** The input on standard output, what came of it beside it. */
async function runOne(target: string, seed: number, index: number): Promise<number> {
  const { input, outcome, isFinding } = await replay({ targets, seed }, target, index);
  process.stdout.write(`${input}\n`);
  say(outcome);
  return isFinding ? 1 : 0;
}

function isOfParseArgs(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

function integerOf(text: string, name: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new RangeError(`--${name} is a whole number, not ${text}`);
  return Number(text);
}

function lineOf({ name, cases, seconds, outcomes, growthBytes }: TargetResult): string {
  const counts = Object.entries(outcomes).sort(([, a], [, b]) => b - a);
  const rate = Math.round(cases / seconds);
  return `${name}: ${cases} in ${seconds.toFixed(1)} s (${rate}/s), ${(growthBytes / 2 ** 20).toFixed(1)} MiB kept\n  ${counts.map(([outcome, count]) => `${outcome} ${count}`).join(", ")}`;
}

function wordsOf({ target, seed, index, error, input }: Finding): string {
  const shown = input.length > MAX_SHOWN ? `${input.slice(0, MAX_SHOWN)}… (${input.length} characters)` : input;
  const vectors = process.env.CLOUDBACKUP_VECTORS;
  const environment = vectors === undefined ? "" : `CLOUDBACKUP_VECTORS=${vectors} `;
  return `\nFINDING in ${target}: ${error}\ninput: ${shown}\nreplay: ${environment}npm run fuzz -- --target ${JSON.stringify(target)} --seed ${seed} --case ${index}`;
}

/** On a terminal a line that changes, elsewhere one now and then. */
function onProgress({ target, done, of }: { target: string; done: number; of: number }): void {
  const text = `${target}: ${done} of ${of}`;
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  else if (performance.now() - saidAt > SAY_EVERY_MS) {
    saidAt = performance.now();
    say(text);
  }
}

/** On a line of its own, in the place of the one that changes. */
function sayAlone(text: string): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  say(text);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
