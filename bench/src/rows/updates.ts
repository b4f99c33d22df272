import { type Benchmark, median } from "../benchmark.ts";
import { accountOf, dumpOf5MB, transactionOf } from "../dump.ts";
import { atMost, ratioAtMost, rowOf } from "../row.ts";
import { startServer } from "../server.ts";
import { type BenchWallet, seedOf, signedInClient } from "../wallet.ts";

const UPDATES = 20;
const KIB = 1024;
/** Above those of the dump. */
const NEW = 10_000;

/** One account, one transaction more in a dump of 5 MB: bytes sent, and time from the call to the receipt. */
export const updates: Benchmark = {
  names: ["update-account-5MB", "update-transaction-5MB", "update-time-5MB"],
  async run() {
    const server = await startServer();
    try {
      return await measure(server.url);
    } finally {
      await server.stop();
    }
  },
};

async function measure(url: string) {
  const client = await signedInClient(url);
  const dump = dumpOf5MB();

  const full = { bytes: [] as number[], ms: [] as number[] };
  const account = { bytes: [] as number[], ms: [] as number[] };
  const transaction = { bytes: [] as number[], ms: [] as number[] };
  const wallet = await client.openWallet(seedOf(0));
  const backUp = async (wallet: BenchWallet, into: typeof full) => {
    const start = performance.now();
    const { bytesSent } = await wallet.backup(dump);
    into.ms.push(performance.now() - start);
    into.bytes.push(bytesSent);
  };
  await wallet.backup(dump);
  for (let i = 0; i < UPDATES; i++) {
    // Of another wallet each time, so that the server has none of its chunks.
    if (i % 4 === 0) {
      const other = await client.openWallet(seedOf(1 + i));
      await backUp(other, full);
      other.close();
    }
    dump.accounts.push(accountOf(NEW + i));
    await backUp(wallet, account);
    dump["bench.transactions"].push(transactionOf(NEW + i));
    await backUp(wallet, transaction);
  }
  wallet.close();

  const upload = { name: "the full upload", value: median(full.bytes) };
  return [
    rowOf({
      name: "update-account-5MB",
      value: median(account.bytes),
      unit: "B",
      peer: upload,
      goal: atMost(4 * KIB),
      note: "one of 200 accounts, sorted by id; bytes of the request's body, as the receipt tells them; median of 20",
    }),
    rowOf({
      name: "update-transaction-5MB",
      value: median(transaction.bytes),
      unit: "B",
      peer: upload,
      goal: atMost(32 * KIB),
      note: "one of 5,000 transactions of about 1 KB, at the end; nine tenths of each are hashes, keys and signatures, which do not compress; median of 20",
    }),
    rowOf({
      name: "update-time-5MB",
      value: median([...account.ms, ...transaction.ms]),
      unit: "ms",
      peer: { name: "the full backup", value: median(full.ms) },
      goal: ratioAtMost(0.25),
      note: "from the call to the receipt, through client and server on loopback, nothing said of what changed; the same account and transaction",
    }),
  ];
}
