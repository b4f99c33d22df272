import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type Backup, createBackup, type Dump, deriveBackupKeys, RawSection } from "@cloudbackup/core";
import { decodeBundle, encodeBundle } from "@cloudbackup/core/wire";
import { type Benchmark, median } from "../benchmark.ts";
import { pseudoRandom, pseudoRandomBytes } from "../bytes.ts";
import { temporaryFolder } from "../load/folder.ts";
import { LoadGenerator } from "../load/load.ts";
import { ServerProcess } from "../load/server-process.ts";
import { post, type Stage, setStage } from "../load/stage.ts";
import { type BenchWallet, signedBatches } from "../load/wallet.ts";
import { type Row, ratioAtMost, rowOf } from "../row.ts";

const REVISIONS = 200;
const MB = 1_000_000;
const SIZES = [1, 10, 100] as const;
const DEVICE = new Uint8Array(16).fill(1);
const NOW = Date.parse("2026-01-02T03:04:05Z");

interface Figures {
  /** Request to receipt, median. */
  timeMs: number;
  /** Body of the request, median. */
  wireBytes: number;
  /** What the database file grows by with a revision, on the average. */
  databaseBytes: number;
}

let smallest: Promise<Figures> | undefined;

/** What a revision costs in which one account has changed, by the size of the wallet. */
export const growth: readonly Benchmark[] = SIZES.map((size) => ({
  names: ["time", "wire", "database"].map((each) => `growth-${size}MB-${each}`),
  async run() {
    smallest ??= measure(SIZES[0]);
    const base = await smallest;
    const figures = size === SIZES[0] ? base : await measure(size);
    const row = (each: string, unit: string, key: keyof Figures): Row => {
      const name = `growth-${size}MB-${each}`;
      if (size === SIZES[0]) return rowOf({ name, value: figures[key], unit });
      const peer = { name: `a wallet of ${SIZES[0]} MB`, value: base[key] };
      return rowOf({ name, value: figures[key], unit, peer, goal: ratioAtMost(2) });
    };
    return [row("time", "ms", "timeMs"), row("wire", "B", "wireBytes"), row("database", "B", "databaseBytes")];
  },
}));

async function measure(megabytes: number): Promise<Figures> {
  await using folder = await temporaryFolder();
  await using generator = new LoadGenerator();
  const stage = await setStage(join(folder.path, "data"), 1);
  const [wallet] = stage.wallets as [BenchWallet];
  const database = join(stage.dataDir, "cloudbackup.sqlite");
  const revisions = revisionsOf(wallet, stage.realm, megabytes);

  const first = revisions.next().value as Uint8Array;
  await withServer(stage, async (origin) => {
    const { head, items } = decodeBundle(first);
    const chunks = signedBatches(items, (body) => wallet.signChunks(body));
    const body = encodeBundle({ head, items: [] });
    const requests = chunks.map((batch) => post(stage, wallet, "chunks", batch));
    const commit = post(stage, wallet, "backups", { body, signature: wallet.signCommit(body, 1) });
    await generator.run({ origin, lanes: [[...requests, commit]] });
  });
  const before = (await stat(database)).size;

  const times: number[] = [];
  const bytes: number[] = [];
  await withServer(stage, async (origin) => {
    let revision = 1;
    for (const body of revisions) {
      revision++;
      const commit = post(stage, wallet, "backups", { body, signature: wallet.signCommit(body, revision) });
      times.push((await generator.run({ origin, lanes: [[commit]] })).ms);
      bytes.push(body.length);
    }
  });
  const databaseBytes = ((await stat(database)).size - before) / times.length;
  return { timeMs: median(times), wireBytes: median(bytes), databaseBytes };
}

/** The server leaves one whole file behind when it stops. */
async function withServer(stage: Stage, work: (origin: string) => Promise<void>): Promise<void> {
  await using server = await ServerProcess.start(stage.dataDir);
  await work(server.origin);
}

/** Bundles as core makes them: a wallet with so many bytes of notes, then changes of its one account. */
function* revisionsOf(wallet: BenchWallet, realm: Uint8Array, megabytes: number): Generator<Uint8Array> {
  const keys = deriveBackupKeys(pseudoRandomBytes(64, 1), realm);
  const fixed = { keys, device: DEVICE, now: NOW, random: pseudoRandom(1) };
  /** The name of who signs, instead of the keys' own: a server cannot tell for which wallet a box was sealed. */
  const bundleOf = ({ bundle }: Backup) => {
    const { head, items } = decodeBundle(bundle);
    return encodeBundle({ head: { ...head, wallet: wallet.id }, items });
  };
  const notes = new RawSection("bench.notes", notesOf(megabytes * MB));
  let backup = createBackup({ ...fixed, dump: { ...accountAt(0), "bench.notes": notes } as Dump });
  yield bundleOf(backup);
  for (let n = 1; n <= REVISIONS; n++) {
    // Sections that a dump does not have are carried over.
    backup = createBackup({ ...fixed, dump: accountAt(n), previous: backup.state });
    yield bundleOf(backup);
  }
}

/** Records of a kilobyte that do not compress: byte strings, `59` and two bytes of length in front (RFC 8949 §3). */
function notesOf(bytes: number): Uint8Array {
  const recordBytes = 1000;
  const body = pseudoRandomBytes(bytes, 7);
  for (let at = 0; at + recordBytes <= bytes; at += recordBytes) {
    body.set([0x59, (recordBytes - 3) >> 8, (recordBytes - 3) & 0xff], at);
  }
  return body;
}

function accountAt(next: number): Dump {
  const account = {
    id: "mainnet/m/84'/0'/0'",
    kind: "standard" as const,
    network: "mainnet" as const,
    name: "Spending",
    path: "m/84'/0'/0'",
    script: "p2wpkh" as const,
    external: { next },
    internal: { next: 3 },
  };
  return { accounts: [account], pairings: [] };
}
