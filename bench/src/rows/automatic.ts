import { setTimeout } from "node:timers/promises";
import { automaticWallet } from "../automatic.ts";
import { type Benchmark, median } from "../benchmark.ts";
import { atMost, type Row, ratioAtMost, rowOf } from "../row.ts";

const CHANGES = 1_000;
const CHANGE_EVERY_MS = 10;
const TIMES = 10;
const KIB = 1024;
const SIZES = [0.1, 1, 10, 50] as const;

/** A wallet that changes all the time does not upload all the time, … */
const changes: Benchmark = {
  names: ["auto-1000-changes"],
  async run() {
    await using wallet = await automaticWallet(0.1);
    const start = performance.now();
    for (let i = 1; i <= CHANGES; i++) {
      wallet.change();
      // By the clock, so that late timers do not make it longer.
      await setTimeout(Math.max(0, start + i * CHANGE_EVERY_MS - performance.now()));
    }
    await wallet.idle();
    const value = wallet.commits.length;
    return [rowOf({ name: "auto-1000-changes", value, unit: "uploads", goal: atMost(11), note: "in ten seconds" })];
  },
};

/** … and one that has changed is soon safe. */
const latency: Benchmark = {
  names: ["auto-latency"],
  async run() {
    await using wallet = await automaticWallet(0.1);
    const seconds: number[] = [];
    for (let i = 0; i < TIMES; i++) {
      const start = performance.now();
      wallet.change();
      await wallet.idle();
      seconds.push((performance.now() - start) / 1000);
    }
    const note = "from the change to the receipt, the quiet second included";
    return [rowOf({ name: "auto-latency", value: median(seconds), unit: "s", goal: atMost(1.2), note })];
  },
};

interface Update {
  bytes: number;
  cpuMs: number;
}

let smallest: Promise<Update> | undefined;

/** What one changed account costs, by the size of the wallet. */
const updates = SIZES.map((size): Benchmark => {
  const name = `update-${size}MB`;
  return {
    names: [`${name}-bytes`, `${name}-cpu`],
    async run(): Promise<Row[]> {
      smallest ??= measureUpdate(SIZES[0]);
      const base = await smallest;
      const { bytes, cpuMs } = size === SIZES[0] ? base : await measureUpdate(size);
      const peer = { name: `a wallet of ${SIZES[0]} MB`, value: base.cpuMs };
      const beside = size === SIZES[0] ? {} : { peer, goal: ratioAtMost(2) };
      return [
        rowOf({ name: `${name}-bytes`, value: bytes, unit: "B", goal: atMost(4 * KIB), note: "one of 200 accounts" }),
        rowOf({
          name: `${name}-cpu`,
          value: cpuMs,
          unit: "ms",
          note: "of the client, its storage included",
          ...beside,
        }),
      ];
    },
  };
});

async function measureUpdate(megabytes: number): Promise<Update> {
  await using wallet = await automaticWallet(megabytes);
  const cpu: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    const before = process.cpuUsage();
    wallet.change();
    await wallet.idle();
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1000);
  }
  return { bytes: median(wallet.commits), cpuMs: median(cpu) };
}

/** What the automatic backup of a wallet costs. */
export const automatic: readonly Benchmark[] = [changes, latency, ...updates];
