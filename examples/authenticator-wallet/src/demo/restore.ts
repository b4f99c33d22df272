import { type Client, createClient } from "@cloudbackup/client";
import { mnemonicToSeed } from "@cloudbackup/core/seed";
import { AuthenticatorWallet } from "../wallet.ts";
import { checkPublishedAddresses, describeAccounts } from "./demo-wallet.ts";
import type { Before } from "./first-device.ts";
import { assertSame, assertSameAddresses } from "./mismatch.ts";
import type { Narrator } from "./narrator.ts";
import type { Remembered } from "./story.ts";

/** A second device: a new client, an empty storage, a wallet that knows nothing but its seed. */
export async function restoreWithPassword(
  narrator: Narrator,
  url: string,
  { mnemonic, username, password }: Remembered,
  before: Before,
): Promise<void> {
  narrator.chapter("The device is lost: a new one, with mnemonic, username and password");
  const client = createClient({ url });
  await client.signIn({ username, password });
  narrator.step("second-sign-in", "The second device signs in, and knows nothing else");
  await restore(narrator, "second-restore", client, mnemonic, before);
}

/** A third device: the password is gone, too. */
export async function restoreWithSeed(
  narrator: Narrator,
  url: string,
  mnemonic: string,
  before: Before,
): Promise<void> {
  narrator.chapter("Username and password are forgotten: the mnemonic alone");
  const client = createClient({ url });
  const seed = await mnemonicToSeed(mnemonic);
  const { username } = await client.signInWithSeed(seed);
  seed.fill(0);
  narrator.step("third-sign-in", `The third device signs in by the seed, and is told the username: “${username}”`, {
    username,
  });
  await restore(narrator, "third-restore", client, mnemonic, before);
}

async function restore(
  narrator: Narrator,
  id: string,
  client: Client,
  mnemonic: string,
  before: Before,
): Promise<void> {
  const seed = await mnemonicToSeed(mnemonic);
  const wallet = new AuthenticatorWallet(seed);
  const backup = await client.openWallet(seed);
  seed.fill(0);
  try {
    const restored = await backup.restore();
    wallet.load(restored.dump);
    await restored.accept();

    const after = wallet.addresses();
    assertSameAddresses(after, before);
    checkPublishedAddresses(wallet);
    assertSame((await backup.verify(wallet.dump())).ok, true, "Whether the restored wallet is what the server holds");
    const addresses = [...after.values()].reduce((count, list) => count + list.length, 0);
    narrator.step(
      id,
      [
        `Restored revision ${restored.revision}: all ${addresses} addresses are those from before`,
        ...describeAccounts(wallet),
      ].join("\n"),
      {
        revision: restored.revision,
        addresses,
        accounts: wallet.accounts.length,
        labels: wallet.dump().labels?.length ?? 0,
      },
    );
  } finally {
    backup.close();
  }
}
