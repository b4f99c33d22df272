import { join } from "node:path";
import type { Dump, Fetch } from "@cloudbackup/client";
import { directoryStorage } from "@cloudbackup/client/node";
import { type Benchmark, median } from "../benchmark.ts";
import { pseudoRandomBytes } from "../bytes.ts";
import { dumpOf, transactionOf } from "../dump.ts";
import { temporaryFolder } from "../load/folder.ts";
import { atMost, type Row, ratioAtMost, rowOf } from "../row.ts";
import { startServer } from "../server.ts";
import { seedOf, signedInClient } from "../wallet.ts";

const APPENDS = 20;
const WALLETS = 5;
const MAX_BYTES = 48 * 1024;
const TRANSACTIONS = 50_000;
const HEADERS = 100_000;
const PERIOD = 2016;
const HEADER_BYTES = 80;

/** A wallet that grows at the end. */
interface Growing {
  dump: Dump;
  append(): void;
}

/** A long history and one more: what the automatic backup of a wallet sends, which does not say what changed, and how long it takes. */
export const appending: readonly Benchmark[] = [
  benchmarkOf(
    "append-transaction-50k",
    longHistory,
    "one of 50,000, seven in ten with one input and 223 bytes raw, the others with two and 372",
  ),
  benchmarkOf("append-header-100k", longChain, "one of 100,000, in records of 2,016"),
];

function benchmarkOf(name: string, start: () => Growing, note: string): Benchmark {
  return {
    names: [`${name}-bytes`, `${name}-time`],
    async run(): Promise<Row[]> {
      const { full, appended } = await measure(start());
      return [
        rowOf({
          name: `${name}-bytes`,
          value: median(appended.bytes),
          unit: "B",
          peer: { name: "the full upload", value: median(full.bytes) },
          goal: atMost(MAX_BYTES),
          note: `${note}; body of the commit; median of ${APPENDS} in ${WALLETS} wallets`,
        }),
        rowOf({
          name: `${name}-time`,
          value: median(appended.ms),
          unit: "ms",
          peer: { name: "the full backup", value: median(full.ms) },
          goal: ratioAtMost(0.4),
          note: "until it is stored, through client and server on loopback, the storage on the disk; nothing said of what changed",
        }),
      ];
    },
  };
}

interface Figures {
  ms: number[];
  bytes: number[];
}

async function measure({ dump, append }: Growing): Promise<{ full: Figures; appended: Figures }> {
  await using folder = await temporaryFolder();
  await using cleanup = new AsyncDisposableStack();
  const server = await startServer();
  cleanup.defer(() => server.stop());
  let sent = 0;
  const counting: Fetch = (url, init) => {
    if (init.method === "POST") sent += (init.body as Uint8Array | undefined)?.length ?? 0;
    return fetch(url, init);
  };
  const storage = directoryStorage(join(folder.path, "storage"));
  const client = await signedInClient(server.url, { fetch: counting, storage });
  const full: Figures = { ms: [], bytes: [] };
  const appended: Figures = { ms: [], bytes: [] };
  const timed = async (into: Figures, work: () => Promise<unknown>) => {
    sent = 0;
    const start = performance.now();
    await work();
    into.ms.push(performance.now() - start);
    into.bytes.push(sent);
  };

  // The keys decide where chunks are cut, and so what a wallet sends: not one of them, but several.
  for (let i = 0; i < WALLETS; i++) {
    await using wallet = await client.openWallet(seedOf(i));
    const auto = wallet.autoBackup({ read: () => dump });
    await timed(full, () => auto.durable());
    for (let j = 0; j < APPENDS / WALLETS; j++) {
      append();
      await timed(appended, () => auto.durable());
    }
    auto.close();
  }
  return { full, appended };
}

function longHistory(): Growing {
  const transactions = Array.from({ length: TRANSACTIONS }, (_, i) => transactionOf(i, inputsOf(i)));
  const append = () => {
    const next = transactions.length;
    transactions.push(transactionOf(next, inputsOf(next)));
  };
  return { dump: { ...dumpOf(0), transactions }, append };
}

/** Payments that one coin pays for, and some that take two. */
function inputsOf(index: number): number {
  return index % 10 < 7 ? 1 : 2;
}

function longChain(): Growing {
  let height = 0;
  const headers: { network: string; start: number; bytes: Uint8Array }[] = [];
  const append = () => {
    const last = headers.at(-1);
    if (!last || height % PERIOD === 0) headers.push({ network: "mainnet", start: height, bytes: headerOf(height) });
    else last.bytes = new Uint8Array(Buffer.concat([last.bytes, headerOf(height)]));
    height++;
  };
  while (height < HEADERS) append();
  return { dump: { ...dumpOf(0), headers }, append };
}

/** As of mainnet: a tenth of it, the zeros of a hash with enough work, compresses. */
function headerOf(height: number): Uint8Array {
  const random = pseudoRandomBytes(22 + 32 + 4, height);
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x2000_0000, true);
  header.set(random.subarray(0, 22), 4);
  header.set(random.subarray(22, 54), 36);
  view.setUint32(68, 1_600_000_000 + height * 600, true);
  view.setUint32(72, 0x1703_4219 + Math.floor(height / PERIOD), true);
  header.set(random.subarray(54), 76);
  return header;
}
