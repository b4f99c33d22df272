import "./allocations.ts";
import { setImmediate } from "node:timers/promises";
import { inspect } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { Source } from "./source.ts";
import type { Cases, Target } from "./target.ts";

/** What a thread is to do: cases `from` to `to` − 1 of one target. */
export interface Order {
  target: string;
  seed: number;
  from: number;
  to: number;
  /** The last case is made and told, not run: it hangs. */
  tellLast?: boolean | undefined;
}

export type Report =
  | { kind: "ready"; targets: { name: string; share: number }[] }
  | { kind: "done"; outcomes: Record<string, number>; growthBytes: number; lastInput: string }
  | { kind: "finding"; index: number; error: string; input: string };

/** Cases after which whatever is kept for good has been made. */
const WARM_UP = 2_000;
/** Of the event loop, so that what comes of a case later comes soon. */
const CASES_PER_TURN = 100;

const { targets: module, current: shared } = workerData as { targets: string; current: SharedArrayBuffer };
/** The case that runs now: it can be read while the thread is busy. */
const current = new Int32Array(shared);
let input: unknown;

process.on("uncaughtException", report);
process.on("unhandledRejection", report);
const { targets }: { targets: readonly Target[] } = await import(module);
parentPort?.on("message", (order: Order) => void run(order).then(tell, report));
tell({ kind: "ready", targets: targets.map(({ name, share }) => ({ name, share })) });

async function run(order: Order): Promise<Report> {
  const target = targets.find(({ name }) => name === order.target);
  if (!target) throw new RangeError(`there is no target ${order.target}`);
  const outcomes: Record<string, number> = Object.create(null);
  const block = target.block ?? Number.POSITIVE_INFINITY;
  let cases: Cases | undefined;
  let before: number | undefined;
  for (let index = order.from - (target.block ? order.from % block : 0); index < order.to; index++) {
    Atomics.store(current, 0, index);
    if (index % CASES_PER_TURN === 0) await setImmediate();
    if (!cases || index % block === 0) {
      await cases?.close?.();
      cases = await target.open();
    }
    if (index - order.from === WARM_UP) before = await bytesInUse();
    input = "not made yet";
    input = cases.make(new Source(order.seed, target.name, index), index);
    if (order.tellLast && index === order.to - 1) break;
    const outcome = cases.check(input);
    const text = typeof outcome === "string" ? outcome : await outcome;
    outcomes[text] = (outcomes[text] ?? 0) + 1;
  }
  await cases?.close?.();
  const growthBytes = before === undefined ? 0 : (await bytesInUse()) - before;
  return { kind: "done", outcomes, growthBytes, lastInput: textOf(input) };
}

function report(error: unknown): void {
  tell({ kind: "finding", index: Atomics.load(current, 0), error: inspect(error), input: textOf(input) });
  // What it left behind must not be taken for the next target's doing.
  process.exit(1);
}

function tell(report: Report): void {
  parentPort?.postMessage(report);
}

/** As one can paste it: bytes in hex. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return typeof value === "string" ? JSON.stringify(value) : inspectBytes(value);
}

function inspectBytes(value: unknown): string {
  return JSON.stringify(
    value,
    (_, inner) => {
      if (inner instanceof Map) return Object.fromEntries(inner);
      if (inner instanceof Uint8Array) return Buffer.from(inner).toString("hex");
      if (inner?.type === "Buffer") return Buffer.from(inner.data).toString("hex");
      return typeof inner === "bigint" ? `${inner}` : inner;
    },
    1,
  );
}

/** Twice, and with a turn of the event loop before each: what was freed first is counted as free only then. */
async function bytesInUse(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let times = 0; times < 2; times++) {
    await setImmediate();
    collect();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
