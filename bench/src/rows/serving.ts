import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Benchmark, interleave } from "../benchmark.ts";
import { temporaryFolder } from "../load/folder.ts";
import { LoadGenerator, type LoadRequest, rateOf } from "../load/load.ts";
import { Nginx } from "../load/nginx.ts";
import { ServerProcess } from "../load/server-process.ts";
import { copyStage, get, post, type Stage, setStage } from "../load/stage.ts";
import { isStraceHere, traceSyncs } from "../load/strace.ts";
import { atMost, type Goal, type Row, ratioAtLeast, rowOf } from "../row.ts";

const ROUNDS = 5;
const KIB = 1024;
const MIB = 1024 * KIB;
const NO_NGINX = "no peer: nginx with its DAV module is not on this machine";

interface Puts {
  name: string;
  bytes: number;
  connections: number;
  /** Of each connection, in a round. */
  requests: number;
  goal?: Goal;
  note: string;
  variants?: Record<string, string>;
}

const SMALL = "2 KB: one revision, all of it in the envelope";
const PUTS: readonly Puts[] = [
  { name: "put-2KB-c1", bytes: 2 * KIB, connections: 1, requests: 600, note: SMALL },
  {
    name: "put-2KB-c16",
    bytes: 2 * KIB,
    connections: 16,
    requests: 250,
    goal: ratioAtLeast(1),
    note: SMALL,
    variants: {
      unsigned: "without the check of signatures",
      "one-each": "one transaction for each backup",
      bare: "a bare Fastify route that keeps bodies in memory",
    },
  },
  { name: "put-2KB-c64", bytes: 2 * KIB, connections: 64, requests: 60, goal: ratioAtLeast(1), note: SMALL },
  {
    name: "put-64KB-c16",
    bytes: 64 * KIB,
    connections: 16,
    requests: 40,
    goal: ratioAtLeast(0.8),
    note: "one request with an envelope of 2 KB and 4 new chunks, in place of 4 others",
  },
  {
    name: "put-1MB-c16",
    bytes: MIB,
    connections: 16,
    requests: 6,
    goal: ratioAtLeast(0.4),
    note: "one request with an envelope of 2 KB and 64 new chunks, in place of 64 others",
  },
];

const GETS = [
  { name: "get-2KB-c16", bytes: 2 * KIB, requests: 600 },
  { name: "get-64KB-c16", bytes: 64 * KIB, requests: 200 },
  { name: "get-1MB-c16", bytes: MIB, requests: 25 },
] as const;
const GET_CONNECTIONS = 16;

/** Signed, durable backups a second, beside nginx that stores the same bodies by PUT on the same disk, without fsync. */
const putting = PUTS.map(
  (puts): Benchmark => ({
    names: [puts.name, ...Object.keys(puts.variants ?? {}).map((variant) => `${puts.name}-${variant}`)],
    run: () => measurePuts(puts),
  }),
);

async function measurePuts({ name, bytes, connections, requests, goal, note, variants = {} }: Puts): Promise<Row[]> {
  await using folder = await temporaryFolder();
  await using cleanup = new AsyncDisposableStack();
  const generator = cleanup.use(new LoadGenerator());
  const stage = await setStage(join(folder.path, "data"), connections);

  let lanes: LoadRequest[][] = [];
  const makeRequests = () => {
    lanes = stage.wallets.map((wallet) =>
      Array.from({ length: requests }, () => post(stage, wallet, "backups", wallet.nextCommit(bytes))),
    );
  };
  const contestants: Record<string, () => Promise<number>> = {};
  const compete = (contestant: string, origin: string) => {
    contestants[contestant] = async () => {
      if (contestant === name) makeRequests();
      return rateOf(await generator.run({ origin, lanes }));
    };
  };
  // All databases are copied before the first server writes to its own.
  const stages: [string, Stage][] = [];
  for (const variant of Object.keys(variants)) {
    stages.push([variant, await copyStage(stage, join(folder.path, variant))]);
  }
  compete(name, cleanup.use(await ServerProcess.start(stage.dataDir)).origin);
  const nginx = Nginx.isHere() ? cleanup.use(await Nginx.start(join(folder.path, "nginx"))) : null;
  if (nginx) {
    let round = 0;
    contestants.nginx = async () => {
      round++;
      const puts = lanes.map((lane, i) => lane.map((each, n) => asPut(each, `/${i}/${round}-${n}`)));
      return rateOf(await generator.run({ origin: nginx.origin, lanes: puts }));
    };
  }
  for (const [variant, { dataDir }] of stages) {
    compete(variant, cleanup.use(await ServerProcess.start(dataDir, { variant })).origin);
  }

  const rates = await interleave(ROUNDS, contestants);
  const unit = "backups/s";
  const value = rates[name] as number;
  const peer = nginx ? { name: "nginx PUT, no fsync", value: rates.nginx as number } : undefined;
  return [
    rowOf({ name, value, unit, peer, goal, note: nginx ? note : `${note}; ${NO_NGINX}` }),
    ...Object.entries(variants).map(([variant, words]) =>
      rowOf({ name: `${name}-${variant}`, value: rates[variant] as number, unit, peer, note: words }),
    ),
  ];
}

const asPut = (request: LoadRequest, path: string): LoadRequest => ({ ...request, method: "PUT", path, status: 201 });

/** Newest backups a second, beside nginx that sends the same bytes from a file. */
const getting = GETS.map((gets): Benchmark => ({ names: [gets.name], run: async () => [await measureGets(gets)] }));

async function measureGets({ name, bytes, requests }: (typeof GETS)[number]): Promise<Row> {
  await using folder = await temporaryFolder();
  await using cleanup = new AsyncDisposableStack();
  const generator = cleanup.use(new LoadGenerator());
  const stage = await setStage(join(folder.path, "data"), GET_CONNECTIONS);
  const server = cleanup.use(await ServerProcess.start(stage.dataDir));
  const first = stage.wallets.map((wallet) => [post(stage, wallet, "backups", wallet.nextCommit(bytes))]);
  await generator.run({ origin: server.origin, lanes: first });
  const lanes = stage.wallets.map((wallet) => Array.from({ length: requests }, () => get(stage, wallet)));
  const contestants: Record<string, () => Promise<number>> = {
    server: async () => rateOf(await generator.run({ origin: server.origin, lanes })),
  };
  const nginx = Nginx.isHere() ? cleanup.use(await Nginx.start(join(folder.path, "nginx"))) : null;
  if (nginx) {
    const files = await Promise.all(stage.wallets.map((wallet) => download(server.origin, get(stage, wallet))));
    const puts = files.map((body, i) => [asPut({ ...(first[i]?.[0] as LoadRequest), body }, `/${i}`)]);
    await generator.run({ origin: nginx.origin, lanes: puts });
    const gets = lanes.map((lane, i) => lane.map((each) => ({ ...each, headers: [], path: `/${i}` })));
    contestants.nginx = async () => rateOf(await generator.run({ origin: nginx.origin, lanes: gets }));
  }
  const rates = await interleave(ROUNDS, contestants);
  const peer = nginx ? { name: "nginx GET", value: rates.nginx as number } : undefined;
  const note = nginx ? undefined : NO_NGINX;
  return rowOf({ name, value: rates.server as number, unit: "backups/s", peer, goal: ratioAtLeast(0.3), note });
}

async function download(origin: string, { path, headers }: LoadRequest): Promise<Uint8Array> {
  const pairs = headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1]] as [string, string]] : []));
  return new Uint8Array(await (await fetch(origin + path, { headers: pairs })).arrayBuffer());
}

const SYNC_CONNECTIONS = 16;
const SYNC_REQUESTS = 100;

/** How many waits for the disk a backup costs where sixteen come at once, as the kernel sees them. */
const syncing: Benchmark = {
  names: ["fsyncs-per-put-c16"],
  async run() {
    const row = { name: "fsyncs-per-put-c16", unit: "fsyncs/backup" };
    if (!isStraceHere()) return [rowOf({ ...row, value: Number.NaN, note: "not measured: strace is not here" })];
    await using folder = await temporaryFolder();
    await using generator = new LoadGenerator();
    const stage = await setStage(join(folder.path, "data"), SYNC_CONNECTIONS);
    const trace = join(folder.path, "trace");
    await using server = await ServerProcess.start(stage.dataDir, { wrap: traceSyncs(trace) });
    const load = () =>
      generator.run({
        origin: server.origin,
        lanes: stage.wallets.map((wallet) =>
          Array.from({ length: SYNC_REQUESTS }, () => post(stage, wallet, "backups", wallet.nextCommit(2 * KIB))),
        ),
      });
    const syncs = async () => (await readFile(trace, "utf8")).match(/\bf(data)?sync\(/g)?.length ?? 0;
    await load();
    const before = await syncs();
    const { requests } = await load();
    const value = ((await syncs()) - before) / requests;
    return [rowOf({ ...row, value, goal: atMost(0.25), note: "counted by strace; those of checkpoints are in it" })];
  },
};

/** What a server does in a second, and what it costs the disk. */
export const serving: readonly Benchmark[] = [...putting, ...getting, syncing];
