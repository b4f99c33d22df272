import { type Client, CloudBackupError, createClient, memoryStorage, type WalletBackup } from "@cloudbackup/client";
import { type Dump, encodeDump } from "@cloudbackup/core";
import { deriveBackupKeys } from "../../../packages/core/src/keys/backup-keys.ts";
import { openBackup } from "../../../packages/core/src/open-backup.ts";
import { seededRandom } from "../../../packages/core/test/noise.ts";
import { wallets } from "../corpus.ts";
import type { Source } from "../source.ts";
import { ACCEPTED, claim, claimEqual, defineTarget, type Target } from "../target.ts";
import {
  type Answer,
  answerOf,
  mutateAnswer,
  ORIGIN,
  problemOf,
  responseOf,
  rightAnswer,
  type World,
} from "./client-answers.ts";

const NOW = Date.parse("2026-01-02T03:04:05Z");
/** None fires: an answer that is read from memory needs no time-out. */
const clock = { now: () => NOW, setTimeout: () => 0, clearTimeout: () => undefined };

interface ClientInput {
  call: string;
  /** In the order of the requests, those beyond the last are answered rightly. */
  answers: (Answer | null)[];
}

export const clientTargets: readonly Target[] = [
  defineTarget({
    name: "client",
    share: 5,
    open: () => {
      const { seed, realm, downloads } = wallets[0] as (typeof wallets)[number];
      const keys = deriveBackupKeys(seed, realm);
      const download = downloads.at(-1) as Uint8Array;
      const world = { keys, download, opened: openBackup(download, { keys }) };
      return {
        make: (source) => clientInput(source, world),
        check: (input: ClientInput) => run(input, world),
      };
    },
  }),
];

type Call = (client: Client, wallet: () => Promise<WalletBackup>, world: World) => Promise<unknown>;

const user = { username: "alice", password: "correct horse battery" };

/** What is asked, in the order in which it is asked, and what to do. */
const CALLS: Readonly<Record<string, { paths: string[]; call: Call }>> = {
  serverInfo: { paths: ["server"], call: (client) => client.serverInfo() },
  register: { paths: ["server", "users"], call: (client) => client.register({ ...user, email: "alice@example.org" }) },
  activate: { paths: ["server", "users/activate"], call: (client) => client.activate({ token: "x" }) },
  signIn: { paths: ["server", "sessions"], call: (client) => client.signIn(user) },
  signInWithSeed: {
    paths: ["server", "challenges", "sessions/wallet"],
    call: (client, _, { keys }) => client.signInWithSeed(keys),
  },
  wallets: {
    paths: ["server", "sessions", "wallets"],
    call: (client) => client.signIn(user).then(() => client.wallets()),
  },
  sessions: {
    paths: ["server", "sessions", "sessions list"],
    call: (client) => client.signIn(user).then(() => client.sessions()),
  },
  history: {
    paths: ["server", "sessions", "history"],
    call: async (client, wallet) => {
      await client.signIn(user);
      return (await wallet()).history();
    },
  },
  restore: {
    paths: ["server", "sessions", "latest"],
    call: async (client, wallet, { opened }) => {
      await client.signIn(user);
      const { dump, revision, accept } = await (await wallet()).restore();
      claimEqual(encodeDump(dump as Dump), opened.sections, "what is restored is what was backed up");
      claim(revision === opened.manifest.revision, "at its revision");
      await accept();
    },
  },
  backup: {
    paths: ["server", "sessions", "latest", "info", "backups", "chain"],
    call: async (client, wallet, { opened }) => {
      await client.signIn(user);
      const own = await wallet();
      const restored = await own.restore();
      await restored.accept();
      const accounts = restored.dump.accounts.map((account) => ({ ...account, name: "Another" }));
      await own.backup({ ...(opened.dump as Dump), accounts });
    },
  },
  replace: {
    paths: ["server", "sessions", "info", "history", "head", "chain", "backups"],
    call: async (client, wallet, { opened }) => {
      await client.signIn(user);
      await (await wallet()).backup(opened.dump as Dump, { replace: true });
    },
  },
  delete: {
    paths: ["server", "sessions", "info", "delete"],
    call: async (client, wallet) => {
      await client.signIn(user);
      await (await wallet()).delete();
    },
  },
};

/** Every answer that is not its own error of the library is a finding, a TypeError of a reader above all. */
async function run({ call, answers }: ClientInput, world: World): Promise<string> {
  let asked = 0;
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const mutant = answers[asked++];
    return responseOf(mutant ?? rightAnswer(url, init, world));
  };
  const client = createClient({
    url: ORIGIN,
    fetch,
    clock,
    storage: memoryStorage(),
    random: seededRandom(),
    retry: { attempts: 1 },
    maxDownloadBytes: 1024 * 1024,
  });
  let wallet: WalletBackup | undefined;
  try {
    await CALLS[call]?.call(client, async () => (wallet = await client.openWallet(world.keys)), world);
    return ACCEPTED;
  } catch (error) {
    if (!(error instanceof CloudBackupError)) throw error;
    claim(/^ERR_CB_[A-Z_]+$/.test(error.code), "an error has its code");
    return error.name;
  } finally {
    wallet?.close();
  }
}

function clientInput(source: Source, world: World): ClientInput {
  const call = source.pick(Object.keys(CALLS));
  const { paths } = CALLS[call] as (typeof CALLS)[string];
  // The earlier answers are right, so that the later ones are reached.
  const at = source.oneIn(4) ? source.below(paths.length) : paths.length - 1;
  const right = answerOf(paths[at] as string, world);
  const answers: (Answer | null)[] = Array<null>(at).fill(null);
  answers.push(mutateAnswer(source, source.oneIn(4) ? problemOf(source) : right));
  return { call, answers };
}
