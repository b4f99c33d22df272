import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type Dump, NotActivatedError, UnreachableError } from "@cloudbackup/client";
import { directoryStorage } from "@cloudbackup/client/node";
import { mnemonicToSeed } from "@cloudbackup/core/seed";
import PostalMime from "postal-mime";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ServerProgram } from "./program.ts";

const login = { username: "hodler21", password: "correct horse battery staple" };
const words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";

const dump: Dump = {
  accounts: [
    {
      id: "mainnet/m/44'/0'/1'",
      kind: "paired",
      network: "mainnet",
      name: "Savings",
      path: "m/44'/0'/1'",
      script: "p2sh",
      external: { next: 4 },
      internal: { next: 0 },
      pairing: "phone",
    },
  ],
  pairings: [
    {
      id: "phone",
      network: "mainnet",
      account: "mainnet/m/44'/0'/1'",
      name: "My phone",
      publicKey: new Uint8Array(33).fill(2),
      chainCode: new Uint8Array(32).fill(7),
    },
  ],
  // In the order of the format, so that what comes back can be compared as it is.
  labels: Array.from({ length: 400 }, (_, i) => createHash("sha256").update(`${i}`).digest("hex"))
    .sort()
    .map((ref) => ({ type: "tx", ref, label: `Payment ${ref.slice(0, 4)}` })),
};

let folder: string;
let server: ServerProgram;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudbackup-e2e-"));
  server = await ServerProgram.start(join(folder, "server"));
});

afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The token in the only e-mail that the server has written. */
async function mailedToken(): Promise<string> {
  const mails = join(folder, "server", "mail");
  const read = async () => {
    const [name] = (await readdir(mails).catch(() => [])).filter((file) => file.endsWith(".eml"));
    return name ? await PostalMime.parse(await readFile(join(mails, name))) : undefined;
  };
  await expect.poll(read, { timeout: 20_000 }).toBeDefined();
  return /#token=([\w-]+)/.exec((await read())?.text ?? "")?.[1] as string;
}

it("keeps what it acknowledged although it is killed, and gives it to the seed alone", async () => {
  const seed = await mnemonicToSeed(words);
  const first = createClient({ url: server.url, storage: directoryStorage(join(folder, "device")) });
  await first.register({ ...login, email: "hodler21@example.org" });
  await expect(first.signIn(login)).rejects.toThrow(NotActivatedError);
  await first.activate({ token: await mailedToken() });
  await first.signIn(login);
  const wallet = await first.openWallet(seed);
  const receipt = await wallet.backup(dump);
  expect(receipt).toMatchObject({ revision: 1, changed: true });

  // An update after a restart of the client, after which the server is killed the moment it has answered.
  wallet.close();
  const restarted = createClient({ url: server.url, storage: directoryStorage(join(folder, "device")) });
  await restarted.signInWithSeed(seed);
  const again = await restarted.openWallet(seed);
  const changed = { ...dump, accounts: dump.accounts.map((account) => ({ ...account, name: "Renamed" })) };
  const update = await again.backup(changed);
  await server.kill();
  expect(update).toMatchObject({ revision: 2, changed: true });
  expect(update.bytesSent).toBeLessThan(receipt.bytesSent / 8);
  await expect(again.backup(dump)).rejects.toThrow(UnreachableError);

  server = await ServerProgram.start(join(folder, "server"), server.port);
  const device = createClient({ url: server.url });
  expect(await device.signInWithSeed(seed)).toEqual({ username: login.username });
  const found = await device.openWallet(seed);
  const restored = await found.restore();
  expect(restored.dump).toEqual(changed);
  expect(restored.revision).toBe(2);
  expect((await found.history()).map(({ revision }) => revision)).toEqual([2, 1]);
  expect((await found.restore({ revision: 1 })).dump).toEqual(dump);
  found.close();
  again.close();
});

it("stops when it is asked to", async () => {
  expect(await server.stop()).toBe(0);
});
