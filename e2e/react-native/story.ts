// What a wallet does with the client, bundled for a place that has no more than docs/react-native.md names.
import { createClient, type Dump, memoryStorage, openFile } from "@cloudbackup/client";
import { mnemonicToSeed } from "@cloudbackup/core/seed";

const words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

interface Told {
  restored: string;
  verified: boolean;
  /** Whether another server has the wallet, too, and an exported file opens. */
  copied: boolean;
  /** Name of the error of an aborted call. */
  aborted: string;
}

/** Everything that reaches for the platform: sessions, signatures, an upload, a download, timers, an aborted call. */
export async function story(url: string, otherUrl: string, username: string): Promise<Told> {
  const storage = memoryStorage();
  const client = createClient({ url, storage });
  const other = createClient({ url: otherUrl, storage });
  const login = { username, password: "correct horse battery staple" };
  for (const each of [client, other]) {
    await each.register({ ...login, email: `${username}@example.org` });
    await each.signIn(login);
  }
  const seed = await mnemonicToSeed(words);
  const wallet = await client.openWallet(seed);
  const auto = wallet.autoBackup({ read: () => dump });
  await auto.durable();
  auto.close();
  const { ok: verified } = await wallet.verify(dump);
  const { report } = await wallet.moveTo(other);
  const copied = report.ok && openFile(await wallet.exportFile(), seed).revision === 1;
  wallet.close();

  const device = createClient({ url });
  await device.signInWithSeed(seed);
  const found = await device.openWallet(seed);
  const restored = await found.restore();
  await restored.accept();
  const abort = new AbortController();
  abort.abort();
  const aborted = await found.history({ signal: abort.signal }).then(String, ({ name }: Error) => name);
  found.close();
  return { restored: `${restored.dump.accounts[0]?.name}`, verified, copied, aborted };
}

const dump: Dump = {
  accounts: [
    {
      id: "mainnet/m/84'/0'/0'",
      kind: "standard",
      network: "mainnet",
      name: "Für später 🔑",
      path: "m/84'/0'/0'",
      script: "p2wpkh",
      external: { next: 7 },
      internal: { next: 3 },
    },
  ],
  pairings: [],
  labels: Array.from({ length: 200 }, (_, i) => ({
    type: "tx",
    ref: i.toString(16).padStart(64, "0"),
    label: `Payment ${i}`,
  })),
};
