// What a wallet in a browser does with the types: it knows no Node.
import {
  type AutoBackup,
  createClient,
  type DumpOf,
  memoryStorage,
  NoBackupError,
  type Storage,
} from "@cloudbackup/client";
import { indexedDbStorage } from "@cloudbackup/client/browser";
import { createTestServer, type TestServer } from "@cloudbackup/client/testing";
import { CloudBackupError, defineSection, mergeDumps } from "@cloudbackup/core";
import { checkMnemonic, mnemonicToSeed } from "@cloudbackup/core/seed";
import { wordlists } from "@cloudbackup/core/seed/wordlists";
import { wordlist as japanese } from "@cloudbackup/core/seed/wordlists/japanese";
import { walletIdOf } from "@cloudbackup/core/wire";
import * as v from "valibot";

const notes = defineSection({
  name: "acme.notes",
  schema: v.looseObject({ id: v.number(), text: v.string() }),
  identity: (note) => note.id,
});
type WalletDump = DumpOf<readonly [typeof notes]>;

export const idOf: (publicKey: Uint8Array) => Uint8Array = walletIdOf;

const browserStorage: Storage = "indexedDB" in globalThis ? indexedDbStorage({ name: "acme" }) : memoryStorage();

export async function backUp(url: string, words: string, dump: WalletDump, storage: Storage = browserStorage) {
  const client = createClient({ url, storage, sections: [notes] });
  const wallet = await client.openWallet(await mnemonicToSeed(words));
  let held = dump;
  const auto = wallet.autoBackup({
    read: () => held,
    apply(merged, { conflicts, local }) {
      held = { ...merged, "acme.notes": merged["acme.notes"] ?? local["acme.notes"] ?? [] };
      return conflicts.length === 0;
    },
    onStatus: ({ state }) => console.log(state satisfies string),
  });
  const { revision, bytesSent } = await auto.durable();
  return { revision, bytesSent } satisfies { revision: number; bytesSent: number };
}

export function languageOf(typed: string): string | undefined {
  const check = checkMnemonic(typed, { wordlists: { ...wordlists, japanese } });
  return check.ok ? check.languages[0] : check.problem;
}

export async function show(auto: AutoBackup, tell: (state: string, since: Date | undefined) => void): Promise<void> {
  for await (const { state, unsavedSince } of auto) tell(state, unsavedSince);
}

export async function restore(url: string, seed: Uint8Array, local: WalletDump): Promise<string[]> {
  const client = createClient({ url, sections: [notes] });
  try {
    const restored = await (await client.openWallet(seed)).restore();
    const merged = mergeDumps({ base: null, local, remote: restored.dump, sections: [notes] });
    console.log(merged.conflicts.length);
    await restored.accept();
    return (restored.dump["acme.notes"] ?? []).map((note) => note.text);
  } catch (error) {
    if (error instanceof NoBackupError) return [];
    if (error instanceof CloudBackupError) console.error(error.code satisfies string);
    throw error;
  }
}

/** As its tests do. */
export async function tryOut(words: string, dump: WalletDump): Promise<number> {
  const server: TestServer = createTestServer();
  const client = createClient({ url: server.url, fetch: server.fetch, sections: [notes] });
  const wallet = await client.openWallet(await mnemonicToSeed(words));
  await wallet.backup(dump);
  return server.revisions(wallet.id).length;
}

// @ts-expect-error there is no Node here, nor do the packages bring its types
process.version;

// Types that had become `any` would accept these.
// @ts-expect-error a client needs an address
createClient({});
// @ts-expect-error a note's text is a string
export const wrong: WalletDump = { accounts: [], pairings: [], "acme.notes": [{ id: 1, text: 2 }] };
