import type { WalletBackup } from "@cloudbackup/client";
import { serializeDump } from "@cloudbackup/core";
import { type Benchmark, median } from "../benchmark.ts";
import { accountOf, dumpOf5MB, transactionOf } from "../dump.ts";
import { borgGrowth, isBorgHere } from "../load/borg.ts";
import { atMost, ratioAtMost, rowOf } from "../row.ts";
import { startServer } from "../server.ts";
import { seedOf, signedInClient } from "../wallet.ts";

const UPDATES = 20;
const BORG_UPDATES = 5;
const KIB = 1024;
/** Above those of the dump. */
const NEW = 10_000;

/** One account, one transaction more in a dump of 5 MB: bytes sent, and time from the call to the receipt. */
export const updates: Benchmark = {
  names: [
    "update-account-5MB",
    "update-account-5MB-borg",
    "update-transaction-5MB",
    "update-transaction-5MB-borg",
    "update-time-5MB",
  ],
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
  const backUp = async (wallet: WalletBackup, into: typeof full) => {
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
    dump.transactions.push(transactionOf(NEW + i));
    await backUp(wallet, transaction);
  }
  wallet.close();
  const borg = isBorgHere() ? await measureBorg() : null;
  const besideBorg = (name: string, value: number, peer: number | undefined) =>
    rowOf({
      name: `${name}-borg`,
      value,
      unit: "B",
      peer: peer === undefined ? undefined : { name: "borg, chunks of 8 KiB, zlib", value: peer },
      note: peer === undefined ? "no peer: borg is not on this machine" : "the payload as a file; median of 5",
    });

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
    besideBorg("update-account-5MB", median(account.bytes), borg?.account),
    rowOf({
      name: "update-transaction-5MB",
      value: median(transaction.bytes),
      unit: "B",
      peer: upload,
      goal: atMost(32 * KIB),
      note: "one of 5,000 transactions of about 1 KB, at the end; nine tenths of each are hashes, keys and signatures, which do not compress; median of 20",
    }),
    besideBorg("update-transaction-5MB", median(transaction.bytes), borg?.transaction),
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

/** By how much a repository of borg grows with the same account, the same transaction. */
async function measureBorg(): Promise<{ account: number; transaction: number }> {
  const dump = dumpOf5MB();
  const payload = () => serializeDump(dump).payload;
  const versions = [payload()];
  for (let i = 0; i < BORG_UPDATES; i++) {
    dump.accounts.push(accountOf(NEW + i));
    versions.push(payload());
    dump.transactions.push(transactionOf(NEW + i));
    versions.push(payload());
  }
  const [, ...grown] = await borgGrowth(versions);
  return {
    account: median(grown.filter((_, i) => i % 2 === 0)),
    transaction: median(grown.filter((_, i) => i % 2 === 1)),
  };
}
