import { type BackupReceipt, type Client, createClient, type WalletBackup } from "@cloudbackup/client";
import { mnemonicToSeed } from "@cloudbackup/core/seed";
import type { AuthenticatorWallet } from "../wallet.ts";
import { checkPublishedAddresses, createDemoWallet, describeAccounts } from "./demo-wallet.ts";
import { receiveActivationMail } from "./mailbox.ts";
import { assertSame, MismatchError } from "./mismatch.ts";
import type { Narrator } from "./narrator.ts";
import type { DemoServer } from "./server.ts";
import type { Remembered } from "./story.ts";

/** Every address that the wallet had handed out when its device was lost. */
export type Before = ReadonlyMap<string, string[]>;

/** Registers, fills a wallet, backs it up, changes it. Nothing of it outlives this function but what it returns. */
export async function useFirstDevice(narrator: Narrator, server: DemoServer, person: Remembered): Promise<Before> {
  const client = createClient({ url: server.url });
  await register(narrator, server, client, person);

  const seed = await mnemonicToSeed(person.mnemonic);
  const wallet = createDemoWallet(seed, Date.now());
  const backup = await client.openWallet(seed);
  seed.fill(0);
  try {
    const first = await backUp(narrator, wallet, backup);
    await changeSomething(narrator, wallet, backup, first);
    return wallet.addresses();
  } finally {
    backup.close();
  }
}

async function register(
  narrator: Narrator,
  server: DemoServer,
  client: Client,
  { username, password }: Remembered,
): Promise<void> {
  narrator.chapter("Somebody registers");
  narrator.step("server", `A server listens at ${server.url}, with a SQLite file in a temporary folder`, {
    url: server.url,
  });
  const email = "demo@wallet.example";
  await client.register({ username, password, email });
  const mail = await receiveActivationMail(server.mailFolder, email);
  narrator.step("register", `The user “${username}” is registered; an e-mail came: “${mail.subject}”`, { username });
  await client.activate({ token: mail.token });
  narrator.step("activate", `The link in it (${mail.page}) activated the user`);
  await client.signIn({ username, password });
  narrator.step("sign-in", "Signed in with username and password");
}

async function backUp(narrator: Narrator, wallet: AuthenticatorWallet, backup: WalletBackup): Promise<BackupReceipt> {
  narrator.chapter("A wallet is backed up");
  const { accounts, pairings, labels = [] } = wallet.dump();
  narrator.step("wallet", ["The wallet of the mnemonic “abandon … about”:", ...describeAccounts(wallet)].join("\n"), {
    accounts: accounts.map(({ id, name }) => ({ id, name })),
    pairings: pairings.map(({ id, name }) => ({ id, name })),
    labels: labels.length,
  });
  narrator.step("published", "Where addresses of this mnemonic are published, they are the same", {
    addresses: checkPublishedAddresses(wallet),
  });

  const receipt = await backup.backup(wallet.dump());
  assertSame(receipt.revision, 1, "The first revision");
  narrator.step(
    "backup",
    `Backed up, encrypted on this device: revision ${receipt.revision}, ${receipt.bytesSent} bytes sent\n` +
      `the server knows it as ${backup.id.slice(0, 16)}…, and can read none of it`,
    { walletId: backup.id, revision: receipt.revision, sha256: receipt.sha256, bytesSent: receipt.bytesSent },
  );
  const again = await backup.backup(wallet.dump());
  assertSame(again.changed, false, "Whether an unchanged wallet is sent again");
  narrator.step("unchanged", "Asked to back up again, it finds nothing new and sends nothing", {
    bytesSent: again.bytesSent,
  });
  return receipt;
}

async function changeSomething(
  narrator: Narrator,
  wallet: AuthenticatorWallet,
  backup: WalletBackup,
  first: BackupReceipt,
): Promise<void> {
  narrator.chapter("A change backs itself up");
  const saved = Promise.withResolvers<BackupReceipt>();
  const auto = backup.autoBackup({
    read: () => wallet.dump(),
    onStatus({ state, receipt, error }) {
      if (state === "idle" && receipt) saved.resolve(receipt);
      if (state === "failed" || state === "conflict") saved.reject(error);
    },
  });
  const stopListening = wallet.on("change", () => auto.changed());
  const deadline = setTimeout(() => saved.reject(new MismatchError("No automatic backup came in 20 seconds")), 20_000);
  try {
    const { id, name } = wallet.addStandardAccount("Holidays", "p2wpkh");
    wallet.nextAddress(id);
    narrator.step("change", `The wallet gets a fifth account, “${name}”, and nobody asks for a backup`, {
      account: id,
    });
    const receipt = await saved.promise;
    assertSame(receipt.revision, 2, "The revision after the change");
    if (receipt.bytesSent > first.bytesSent / 4) {
      throw new MismatchError(`A small change sent ${receipt.bytesSent} bytes, the whole wallet ${first.bytesSent}`);
    }
    narrator.step(
      "auto-backup",
      `A quiet second later it is backed up: revision 2, ${receipt.bytesSent} bytes sent instead of ${first.bytesSent}\n` +
        "the labels, unchanged, stayed where they were",
      { revision: receipt.revision, bytesSent: receipt.bytesSent, firstBytesSent: first.bytesSent },
    );
  } finally {
    clearTimeout(deadline);
    stopListening();
    auto.close();
  }

  const report = await backup.verify(wallet.dump());
  assertSame(report.ok, true, "Whether the server holds what the wallet holds");
  const history = await backup.history();
  assertSame(history.map(({ revision }) => revision).join(), "2,1", "The revisions that the server keeps");
  narrator.step("verify", "A restore drill agrees: fetched, decrypted with the wallet's keys, compared, all the same", {
    sections: report.sections.map(({ name, outcome }) => ({ name, outcome })),
    revisions: history.map(({ revision }) => revision),
  });
}
