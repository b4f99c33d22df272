// A device that restores: a process of its own, which tells what its memory grew by at most.
import { createClient } from "@cloudbackup/client";
import { seedOf } from "../wallet.ts";
import { peakBytes, resetPeak, residentBytes } from "./process-memory.ts";

const [url, index] = process.argv.slice(2);
if (!url || !index) throw new TypeError("restorer.ts URL INDEX");

const client = createClient({ url });
const seed = seedOf(Number(index));
await client.signInWithSeed(seed);
const wallet = await client.openWallet(seed);
// Code is loaded and compiled before.
await wallet.history();

resetPeak(process.pid);
const before = residentBytes(process.pid);
const { dump } = await wallet.restore();
const grownBytes = peakBytes(process.pid) - before;
process.stdout.write(JSON.stringify({ grownBytes, transactions: dump.transactions?.length ?? 0 }));
wallet.close();
