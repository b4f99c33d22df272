import { join } from "node:path";
import type { Benchmark } from "../benchmark.ts";
import { temporaryFolder } from "../load/folder.ts";
import { LoadGenerator, type LoadRequest } from "../load/load.ts";
import { hasProc, peakBytes, resetPeak, residentBytes } from "../load/process-memory.ts";
import { ServerProcess } from "../load/server-process.ts";
import { get, post, type Stage, setStage } from "../load/stage.ts";
import type { BenchWallet } from "../load/wallet.ts";
import { atMost, rowOf } from "../row.ts";

const MIB = 2 ** 20;
const WALLET_BYTES = 16 * MIB;
const AT_ONCE = 8;

/** What the server's process grows by, at its peak, while eight wallets of 16 MB go up and eight others come down. */
export const memory: Benchmark = {
  names: ["memory-8x16MB"],
  async run() {
    const row = { name: "memory-8x16MB", unit: "MiB" };
    if (!hasProc()) return [rowOf({ ...row, value: Number.NaN, note: "not measured: it needs Linux's /proc" })];
    await using folder = await temporaryFolder();
    await using generator = new LoadGenerator();
    const stage = await setStage(join(folder.path, "data"), 2 * AT_ONCE);
    await using server = await ServerProcess.start(stage.dataDir);
    const { origin, pid } = server;
    const [down, up] = [stage.wallets.slice(0, AT_ONCE), stage.wallets.slice(AT_ONCE)];
    // One by one, so that code is compiled and caches are filled before, and nothing has been done at once.
    for (const wallet of down) {
      await generator.run({ origin, lanes: [[...uploadOf(stage, wallet), get(stage, wallet)]] });
    }
    const lanes = [...up.map((wallet) => uploadOf(stage, wallet)), ...down.map((wallet) => [get(stage, wallet)])];
    resetPeak(pid);
    const before = residentBytes(pid);
    await generator.run({ origin, lanes });
    const value = (peakBytes(pid) - before) / MIB;
    const note = `peak above the ${Math.round(before / MIB)} MiB after the same work wallet by wallet; chunks in requests of 4 MiB, then the commit`;
    return [rowOf({ ...row, value, goal: atMost(64), note })];
  },
};

function uploadOf(stage: Stage, wallet: BenchWallet): LoadRequest[] {
  const { batches, commit } = wallet.nextUpload(WALLET_BYTES);
  return [...batches.map((batch) => post(stage, wallet, "chunks", batch)), post(stage, wallet, "backups", commit)];
}
