import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { serializeDump } from "@cloudbackup/core";
import { type Benchmark, median } from "../benchmark.ts";
import { dumpOf } from "../dump.ts";
import { hasProc } from "../load/process-memory.ts";
import { ratioAtMost, rowOf } from "../row.ts";
import { startServer } from "../server.ts";
import { seedOf, signedInClient } from "../wallet.ts";

const RESTORER = fileURLToPath(new URL("../load/restorer.ts", import.meta.url));
const MEGABYTES = 10;
const TIMES = 5;
const MIB = 2 ** 20;

/** What a device's process grows by, at its peak, while it restores. */
export const restoreMemory: Benchmark = {
  names: ["restore-10MB-memory"],
  async run() {
    const row = { name: "restore-10MB-memory", unit: "MiB" };
    if (!hasProc()) return [rowOf({ ...row, value: Number.NaN, note: "not measured: it needs Linux's /proc" })];
    const server = await startServer();
    try {
      const client = await signedInClient(server.url);
      await using wallet = await client.openWallet(seedOf(0));
      const dump = dumpOf(MEGABYTES);
      const { payload } = serializeDump(dump);
      await wallet.backup(dump);
      const grown: number[] = [];
      for (let i = 0; i < TIMES; i++) {
        const { stdout } = await promisify(execFile)(process.execPath, [RESTORER, server.url, "0"]);
        const { grownBytes, transactions } = JSON.parse(stdout);
        if (transactions !== dump.transactions.length) throw new Error("it lost some");
        grown.push(grownBytes / MIB);
      }
      const peer = { name: "the dump's payload", value: payload.length / MIB };
      const note = "what a process grows by at its peak, the dump that it ends with included; median of 5 processes";
      return [rowOf({ ...row, value: median(grown), peer, goal: ratioAtMost(6), note })];
    } finally {
      await server.stop();
    }
  },
};
