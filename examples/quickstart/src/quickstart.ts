import { createClient, type Dump } from "@cloudbackup/client";
import { mnemonicToSeed } from "@cloudbackup/core/seed";

const url = process.env.CLOUDBACKUP_URL ?? "http://127.0.0.1:8787";
const client = createClient({ url });
const user = { username: "hodler21", password: "correct horse battery staple", email: "hodler21@example.org" };
await client.register(user);
console.log("Open the activation link, which the server has sent (or, in development, printed) …");
await client.waitForActivation();

// What the wallet knows beside its seed.
const dump: Dump = {
  accounts: [
    {
      id: "mainnet/m/84'/0'/0'",
      kind: "standard",
      network: "mainnet",
      name: "Spending",
      path: "m/84'/0'/0'",
      script: "p2wpkh",
      external: { next: 7 },
      internal: { next: 3 },
    },
  ],
  pairings: [],
  labels: [{ type: "addr", ref: "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", label: "Rent" }],
};
const words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const seed = await mnemonicToSeed(words);
const wallet = await client.openWallet(seed);
const receipt = await wallet.backup(dump);
console.log(`Stored as revision ${receipt.revision}: ${receipt.bytesSent} bytes, encrypted.`);
wallet.close();

// Another device, which knows nothing but the words.
const device = createClient({ url });
await device.signInWithSeed(seed);
const found = await device.openWallet(seed);
const restored = await found.restore();
console.log(`Restored: ${restored.dump.accounts.map((account) => account.name).join(", ")}`);
await restored.accept(); // From here on this device may back up.
found.close();
