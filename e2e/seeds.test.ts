import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient, type Dump, NoWalletError, type WalletBackup } from "@cloudbackup/client";
import type { KeySource } from "@cloudbackup/core";
import {
  createShareSet,
  entropyToMnemonic,
  mnemonicToEntropy,
  mnemonicToSeed,
  parseSeed,
  parseSeedQr,
  splitSecret,
} from "@cloudbackup/core/seed";
import { readQrPicture, seedQrPng } from "@cloudbackup/core/seed/picture";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ServerProgram } from "./program.ts";

/*
 * One wallet, and every form in which a person may hold its seed. Each is given to a client that knows nothing else: a new
 * installation, without a username or a password.
 */

const words =
  "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length";
/** Of these words, without a passphrase, by other programs. */
const seedHex =
  "17e4b5661796eeff8904550f8572289317ece7c1cc1316469f8f4c986c1ffd7b9f4c3aeac3e1713ffc21fa33707d09d57a2ece358d72111ef7c7658e7b33f2d5";
const xprv =
  "xprv9s21ZrQH143K2GkCPw791LqAr4t86cdAMr5KBLZpYFJHVwwfGaJFw9SZmcwB1yRa4frhhNUGhz3LXJeRVjPamiN4o25ij4tmwVBWXtA6MTx";
const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const login = { username: "hodler21", password: "correct horse battery staple" };

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
  labels: [{ type: "tx", ref: "f91d".repeat(16), label: "Rent" }],
};

let folder: string;
let server: ServerProgram;
let owner: Client;
let wallet: WalletBackup;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudbackup-e2e-seeds-"));
  server = await ServerProgram.start(folder);
  owner = createClient({ url: server.url });
  await owner.register({ ...login, email: "hodler21@example.org" });
  await owner.activate({ token: await mailedToken() });
  await owner.signIn(login);
  wallet = await owner.openWallet(await mnemonicToSeed(words));
  await wallet.backup(dump);
});

afterAll(async () => {
  wallet.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The token in the only e-mail that the server has written. */
async function mailedToken(): Promise<string> {
  const mails = join(folder, "mail");
  const read = async () => {
    const [name] = (await readdir(mails).catch(() => [])).filter((file) => file.endsWith(".eml"));
    return name ? await PostalMime.parse(await readFile(join(mails, name))) : undefined;
  };
  const mail = await vi.waitUntil(read, { timeout: 20_000 });
  return /#token=([\w-]+)/.exec(mail.text ?? "")?.[1] as string;
}

/** What a new device gets of the first of these seeds that has a wallet on the server. */
async function restoreOn(client: Client, sources: readonly KeySource[]) {
  for (const source of sources) {
    try {
      await client.signInWithSeed(source);
    } catch (error) {
      if (error instanceof NoWalletError) continue;
      throw error;
    }
    const found = await client.openWallet(source);
    const { dump: restored, revision } = await found.restore();
    found.close();
    return { walletId: found.id, revision, dump: restored };
  }
  throw new NoWalletError();
}

const newDevice = (): Client => createClient({ url: server.url });
const same = () => ({ walletId: wallet.id, revision: 1, dump });

/** What may be split among shares: the seed itself, or the entropy of words. */
const readings = async (secret: Uint8Array): Promise<KeySource[]> => [
  secret,
  await mnemonicToSeed(entropyToMnemonic(secret)),
];

/** Shares as a person enters them: one by one, until the set is complete. */
async function combineTyped(shares: readonly string[], passphrase = ""): Promise<Uint8Array> {
  using set = createShareSet();
  const states = shares.map((share) => set.add(share));
  expect(states.map(({ groups: [group] }) => `${group?.members.length} of ${group?.memberThreshold}`)).toEqual(
    shares.map((_, i) => `${i + 1} of ${shares.length}`),
  );
  expect(states.map(({ isComplete }) => isComplete)).toEqual(shares.map((_, i) => i === shares.length - 1));
  return set.combine({ passphrase });
}

describe("one wallet comes back, on a client that knows nothing else, from", () => {
  it("its 24 words, as they are typed", async () => {
    const typed = words.split(" ").map((word, i) => `${i + 1}. ${word.toUpperCase()}`);
    expect(await restoreOn(newDevice(), [await mnemonicToSeed(typed.join("\n"))])).toEqual(same());
  });

  it.each([false, true])("a picture of its SeedQR, compact %s, and nothing but the file", async (compact) => {
    const file = join(folder, `compact-${compact}.png`);
    await writeFile(file, seedQrPng(words, { compact }));
    const { format, mnemonic } = parseSeedQr(readQrPicture(new Uint8Array(await readFile(file))));
    expect(format).toBe(compact ? "compact-seedqr" : "seedqr");
    expect(await restoreOn(newDevice(), [await mnemonicToSeed(mnemonic)])).toEqual(same());
  });

  it("any three of five SLIP-39 shares of its entropy, entered one by one", async () => {
    const groups = [{ threshold: 3, count: 5 }];
    const [shares = []] = await splitSecret({ secret: mnemonicToEntropy(words), groups, random });
    const chosen = [4, 0, 2].map((i) => shares[i] as string);
    expect(chosen.map((share) => share.split(" ").length)).toEqual([33, 33, 33]);
    const secret = await combineTyped(chosen);
    // The first reading is another wallet, which the server does not have.
    expect(await restoreOn(newDevice(), await readings(secret))).toEqual(same());
  });

  it("shares of two groups, under a passphrase", async () => {
    const groups = [
      { threshold: 1, count: 1 },
      { threshold: 2, count: 3 },
      { threshold: 3, count: 5 },
    ];
    const secret = mnemonicToEntropy(words);
    const [[mine = ""] = [], [, a = "", b = ""] = []] = await splitSecret({
      secret,
      groups,
      groupThreshold: 2,
      passphrase: "with a passphrase",
      random,
    });
    const set = createShareSet();
    expect(set.add(a)).toMatchObject({ completeGroups: 0, groupThreshold: 2, groups: [{ group: 2, missing: 1 }] });
    expect(set.add(mine)).toMatchObject({ completeGroups: 1, isComplete: false });
    expect(set.add(b)).toMatchObject({ completeGroups: 2, isComplete: true });
    const combined = await set.combine({ passphrase: "with a passphrase" });
    expect(await restoreOn(newDevice(), await readings(combined))).toEqual(same());
  });

  it("its seed in hex, its root key, and its words, whatever they are", async () => {
    expect(await restoreOn(newDevice(), [await parseSeed(seedHex)])).toEqual(same());
    expect(await restoreOn(newDevice(), [await parseSeed(`  ${xprv}\n`)])).toEqual(same());
    expect(await restoreOn(newDevice(), [await parseSeed(words)])).toEqual(same());
  });
});

it("shares of a BIP-32 seed, as hardware wallets make them, are read as that", async () => {
  const secret = random(16);
  const theirs = await owner.openWallet(secret);
  await theirs.backup(dump);
  const groups = [{ threshold: 2, count: 3 }];
  const [[a, , c] = []] = await splitSecret({ secret, groups, random });
  const combined = await combineTyped([a, c] as string[]);
  expect(combined).toEqual(secret);
  const found = await restoreOn(newDevice(), await readings(combined));
  expect(found.walletId).toBe(theirs.id);
  theirs.close();
});

it("a wrong passphrase of shares ends as no such wallet, and changes nothing", async () => {
  const groups = [{ threshold: 2, count: 2 }];
  const [shares = []] = await splitSecret({ secret: mnemonicToEntropy(words), groups, passphrase: "right", random });
  const state = async () => ({ wallets: await owner.wallets(), history: await wallet.history() });
  const before = await state();

  const device = newDevice();
  for (const passphrase of ["wrong", "", "Right"]) {
    const secret = await combineTyped(shares, passphrase);
    for (const source of await readings(secret)) {
      await expect(device.signInWithSeed(source)).rejects.toThrow(NoWalletError);
    }
  }
  expect(await state()).toEqual(before);

  const right = await combineTyped(shares, "right");
  expect(await restoreOn(device, await readings(right))).toEqual(same());
});
