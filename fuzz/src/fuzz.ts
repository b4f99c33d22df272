import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Order, Report } from "./worker.ts";

export interface FuzzOptions {
  /** URL of the module that exports `targets`. */
  targets: string;
  /** In all, shared out to the targets. */
  cases: number;
  seed: number;
  /** Of one target alone. */
  only?: string | undefined;
  /** A case that takes longer hangs. */
  caseLimitMs?: number | undefined;
  /** As soon as they are known: a long run may be stopped before it ends. */
  onTarget?: ((result: TargetResult) => void) | undefined;
  onFinding?: ((finding: Finding) => void) | undefined;
  onProgress?: ((progress: { target: string; done: number; of: number }) => void) | undefined;
}

export interface Finding {
  target: string;
  seed: number;
  index: number;
  /** What was seen: an error and where it came from, a hang, a leak. */
  error: string;
  /** Bytes in hex; empty where a finding is not of one input. */
  input: string;
}

export interface TargetResult {
  name: string;
  cases: number;
  seconds: number;
  /** How often each came of a case. */
  outcomes: Record<string, number>;
  growthBytes: number;
}

export interface FuzzResult {
  cases: number;
  targets: TargetResult[];
  findings: Finding[];
}

/** A case takes milliseconds; this is for a machine that has much else to do. */
const CASE_LIMIT_MS = 20_000;
const LOOK_EVERY_MS = 200;
/** Of JavaScript's heap: parsers of inputs of some kilobytes need a fraction of it. */
const HEAP_MIB = 256;
/** What caches may keep that are filled after the warm-up. */
const MAX_GROWTH_BYTES = 32 * 1024 * 1024;
/** By how much the process may grow at one time while a target runs: the heap, and what the heap does not count. */
const MAX_PEAK_BYTES = 512 * 1024 * 1024;

/** Runs every target's cases, in a thread that can be stopped. A target ends at its first finding. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { cases, seed, only, onTarget, onFinding, onProgress } = options;
  const result: FuzzResult = { cases: 0, targets: [], findings: [] };
  const found = (finding: Finding) => {
    result.findings.push(finding);
    onFinding?.(finding);
  };
  let thread = await Thread.start(options);
  const all = thread.targets;
  const chosen = only === undefined ? all : all.filter(({ name }) => name === only);
  const shares = chosen.reduce((total, { share }) => total + share, 0);
  try {
    assertKnown(only, all);
    for (const { name, share } of chosen) {
      const to = Math.ceil((cases * share) / shares);
      const started = performance.now();
      const peakBefore = peakBytes();
      const report = await thread.run({ target: name, seed, from: 0, to }, (done) => {
        onProgress?.({ target: name, done, of: to });
      });
      if (report.kind === "finding") {
        await thread.stop();
        const { index, error } = report;
        const input = report.input || (await inputOf(options, name, index));
        result.cases += index;
        found({ target: name, seed, index, error, input });
        thread = await Thread.start(options);
        continue;
      }
      const { outcomes, growthBytes } = report;
      result.cases += to;
      const seconds = (performance.now() - started) / 1000;
      const ended: TargetResult = { name, cases: to, seconds, outcomes, growthBytes };
      result.targets.push(ended);
      onTarget?.(ended);
      const peakGrowth = peakBytes() - peakBefore;
      const kept = `what it keeps in memory grew by ${growthBytes} bytes over ${to} cases`;
      const held = `the process grew by ${peakGrowth} bytes while it ran ${to} cases`;
      const error = growthBytes > MAX_GROWTH_BYTES ? kept : peakGrowth > MAX_PEAK_BYTES ? held : undefined;
      if (error !== undefined) found({ target: name, seed, index: to - 1, error, input: "" });
    }
    return result;
  } finally {
    await thread.stop();
  }
}

function assertKnown(target: string | undefined, targets: readonly { name: string }[]): void {
  const names = targets.map(({ name }) => name);
  if (target === undefined || names.includes(target)) return;
  throw new RangeError(`there is no target ${target}; there are ${names.join(", ")}`);
}

/** The most that this process ever had in memory. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

type RunOptions = Pick<FuzzOptions, "targets" | "seed" | "caseLimitMs">;

/** Runs one case again, and those before it that it needs. @returns its input, and its outcome or error */
export async function replay(
  options: RunOptions,
  target: string,
  index: number,
): Promise<{ input: string; outcome: string; isFinding: boolean }> {
  const thread = await Thread.start(options);
  try {
    assertKnown(target, thread.targets);
    const report = await thread.run({ target, seed: options.seed, from: index, to: index + 1 });
    if (report.kind === "done") {
      return { input: report.lastInput, outcome: Object.keys(report.outcomes).join(), isFinding: false };
    }
    const input = report.input || (await inputOf(options, target, index));
    return { input, outcome: report.error, isFinding: true };
  } finally {
    await thread.stop();
  }
}

/** The input of a case that stopped its thread before it could tell. */
async function inputOf(options: RunOptions, target: string, index: number): Promise<string> {
  const thread = await Thread.start(options);
  try {
    const report = await thread.run({ target, seed: options.seed, from: index, to: index + 1, tellLast: true });
    return report.kind === "done" ? report.lastInput : "";
  } finally {
    await thread.stop();
  }
}

type Outcome = Exclude<Report, { kind: "ready" }>;

/** Where cases run: it can be seen to hang, and be stopped then. */
class Thread {
  readonly #worker: Worker;
  readonly #current: Int32Array;
  readonly #caseLimitMs: number;
  readonly targets: readonly { name: string; share: number }[];

  private constructor(worker: Worker, current: Int32Array, caseLimitMs: number, targets: Thread["targets"]) {
    this.#worker = worker;
    this.#current = current;
    this.#caseLimitMs = caseLimitMs;
    this.targets = targets;
  }

  static async start({ targets, caseLimitMs = CASE_LIMIT_MS }: RunOptions): Promise<Thread> {
    const current = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL("worker.ts", import.meta.url), {
      workerData: { targets, current: current.buffer },
      execArgv: ["--import", new URL("../../scripts/sources.mjs", import.meta.url).href],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    // What ends it while nobody looks is no error of this process.
    worker.on("error", () => undefined);
    const [report]: Report[] = await once(worker, "message");
    if (report?.kind !== "ready")
      throw new Error(report?.kind === "finding" ? report.error : "the thread is not ready");
    return new Thread(worker, current, caseLimitMs, report.targets);
  }

  /** Ends with the order, with a finding, or when one case takes too long. */
  run(order: Order, onProgress?: (index: number) => void): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    Atomics.store(this.#current, 0, order.from);
    const index = () => Atomics.load(this.#current, 0);
    const finding = (error: string) => resolve({ kind: "finding", index: index(), error, input: "" });
    const lookEveryMs = Math.min(LOOK_EVERY_MS, this.#caseLimitMs);
    // Looks are counted, not the clock's time: a process that was stopped for a while, or a machine that slept, is no hang.
    let seen = { index: -1, looks: 0 };
    const look = () => {
      if (index() !== seen.index) {
        seen = { index: index(), looks: 0 };
        onProgress?.(seen.index);
      } else if (++seen.looks * lookEveryMs > this.#caseLimitMs) {
        finding(`it takes longer than ${this.#caseLimitMs} ms`);
      }
    };
    const onError = (error: unknown) => finding(String(error));
    const onExit = (code: number) => finding(`its thread ended with ${code}`);
    const timer = setInterval(look, lookEveryMs);
    this.#worker.once("message", resolve).once("error", onError).once("exit", onExit);
    this.#worker.postMessage(order);
    return promise.finally(() => {
      clearInterval(timer);
      this.#worker.off("message", resolve).off("error", onError).off("exit", onExit);
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
