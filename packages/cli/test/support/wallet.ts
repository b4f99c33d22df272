import { createClient, type Dump } from "@cloudbackup/client";
import { mnemonicToSeed } from "@cloudbackup/core/seed";
import { WORDS } from "./dumps.ts";
import type { TestServer } from "./server.ts";

export const USER = { username: "hodler21", password: "correct horse battery staple" };

/** Another device of the person, which has registered, and backed each of the dumps up. */
export async function backedUp({ url }: TestServer, dumps: readonly Dump[], words = WORDS): Promise<void> {
  const client = createClient({ url });
  await client.register({ ...USER, email: "hodler21@example.org" });
  await client.signIn(USER);
  const seed = await mnemonicToSeed(words);
  const wallet = await client.openWallet(seed);
  await wallet.register();
  for (const dump of dumps) await wallet.backup(dump, { allowShrink: true });
  wallet.close();
}
