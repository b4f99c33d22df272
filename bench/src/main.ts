import { parseArgs } from "node:util";
import type { Benchmark } from "./benchmark.ts";
import type { Row } from "./row.ts";
import { appending } from "./rows/appending.ts";
import { automatic } from "./rows/automatic.ts";
import { browserBundle } from "./rows/browser-bundle.ts";
import { browserRestoring } from "./rows/browser-restoring.ts";
import { growth } from "./rows/growth.ts";
import { memory } from "./rows/memory.ts";
import { restoreMemory } from "./rows/restore-memory.ts";
import { restoring } from "./rows/restoring.ts";
import { sealing } from "./rows/sealing.ts";
import { seeds } from "./rows/seeds.ts";
import { serving } from "./rows/serving.ts";
import { updates } from "./rows/updates.ts";
import { formatTable } from "./table.ts";

/** In the order of the table. */
const BENCHMARKS: readonly Benchmark[] = [
  sealing,
  seeds,
  updates,
  restoring,
  restoreMemory,
  browserRestoring,
  ...serving,
  memory,
  ...growth,
  ...automatic,
  ...appending,
  browserBundle,
];

const USAGE = "npm run bench -- [--json] [NAME …]";

function readArguments(args: readonly string[]): { json: boolean; names: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { json: { type: "boolean", default: false } },
      allowPositionals: true,
    });
    const known = BENCHMARKS.flatMap(({ names }) => names);
    /** A name stands for those that begin with it as well: `growth-1MB` for `growth-1MB-time`. */
    const named = (start: string) => known.filter((name) => name === start || name.startsWith(`${start}-`));
    const unknown = positionals.filter((start) => named(start).length === 0);
    if (unknown.length > 0) throw new TypeError(`There is no ${unknown.join(", ")}. There are ${known.join(", ")}`);
    return { json: values.json, names: positionals.length > 0 ? positionals.flatMap(named) : known };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n${USAGE}\n`);
    process.exit(2);
  }
}

const { json, names } = readArguments(process.argv.slice(2));
const rows: Row[] = [];
for (const benchmark of BENCHMARKS) {
  const wanted = benchmark.names.filter((name) => names.includes(name));
  if (wanted.length === 0) continue;
  process.stderr.write(`${wanted.join(", ")} …\n`);
  rows.push(...(await benchmark.run()).filter((row) => wanted.includes(row.name)));
}
process.stdout.write(`${json ? JSON.stringify(rows, null, 2) : formatTable(rows)}\n`);
