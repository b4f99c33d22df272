import { openManifest } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import { beforeEach, expect, it } from "vitest";
import type { Client } from "../../src/account.ts";
import {
  NotSignedInError,
  NotYoursError,
  RestoreFirstError,
  RevisionConflictError,
  SameRealmError,
  UnreachableError,
} from "../../src/errors.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import type { WalletBackup } from "../../src/wallet-backup.ts";
import { partsOf } from "../../src/wallet-parts.ts";
import { errorOf } from "../support/errors.ts";
import { dump, noNetwork, type RealServer, renamed, SEED, startServer } from "../support/wallets.ts";

let here: RealServer;
let there: RealServer;
let storage: Storage;
let wallet: WalletBackup;
let other: Client;
beforeEach(async () => {
  [here, there] = [await startServer(), await startServer()];
  storage = memoryStorage();
  wallet = await (await here.signedIn("alice", { storage })).openWallet(SEED);
  other = await there.signedIn("bob", { storage });
});

async function latestManifest(client: Client) {
  await using opened = await client.openWallet(SEED);
  const { keys, requests } = partsOf(opened);
  return openManifest(await requests.downloadHead("latest", 1_000_000), keys).manifest;
}

it("copies the latest, opens it there, and deletes nothing", async () => {
  await wallet.backup(dump);
  const last = await wallet.backup(renamed("Savings"));
  here.clear();
  const { receipt, report } = await wallet.moveTo(other);
  expect(receipt).toMatchObject({ revision: 1, changed: true });
  expect(report).toMatchObject({ ok: true, revision: 1, gen: 3 });
  expect(here.asked.filter((line) => !line.startsWith("GET"))).toEqual([]);
  expect((await wallet.restore()).dump).toEqual(renamed("Savings"));

  const fresh = await (await there.signedIn("bob")).openWallet(SEED);
  expect((await fresh.restore()).dump).toEqual(renamed("Savings"));
  const { mirrors } = await latestManifest(other);
  expect(mirrors.map(({ realm, revision, sha256 }) => [bytesToHex(realm), revision, bytesToHex(sha256)])).toEqual([
    [(await here.client().serverInfo()).realm, 2, last.sha256],
  ]);
});

it("leaves this device ready to go on there, as an update, and keeps what its backup says of the first server", async () => {
  await wallet.backup(dump);
  await wallet.moveTo(other);
  const moved = await other.openWallet(SEED);
  const receipt = await moved.backup(renamed("Savings"));
  expect(receipt).toMatchObject({ revision: 2, changed: true });
  const { gen, mirrors } = await latestManifest(other);
  expect(gen).toBe(3);
  expect(mirrors).toHaveLength(1);
});

it("moves again on what this device wrote there, and back", async () => {
  await wallet.backup(dump);
  await wallet.moveTo(other);
  await wallet.backup(renamed("Savings"));
  expect((await wallet.moveTo(other)).receipt).toMatchObject({ revision: 2, changed: true });
  expect((await wallet.moveTo(other)).receipt).toMatchObject({ revision: 2, changed: false });

  const moved = await other.openWallet(SEED);
  await moved.backup(renamed("Third"));
  const back = await here.signedIn("alice", { storage });
  expect((await moved.moveTo(back)).report).toMatchObject({ ok: true, revision: 3, gen: 5 });
  const { mirrors } = await latestManifest(back);
  expect(mirrors.map(({ revision }) => revision)).toEqual([3]);
});

it("refuses the same server, under whatever URL", async () => {
  await wallet.backup(dump);
  const again = await here.signedIn("alice", { url: here.url.replace("127.0.0.1", "localhost") });
  here.clear();
  expect(await errorOf(wallet.moveTo(again))).toBeInstanceOf(SameRealmError);
  expect(here.asked.filter((line) => line.includes("backups"))).toEqual([]);
});

it("moves nothing that this device does not hold", async () => {
  await wallet.backup(dump);
  const second = await (await here.signedIn("alice")).openWallet(SEED);
  expect(await errorOf(second.moveTo(other))).toBeInstanceOf(RestoreFirstError);
  const restored = await second.restore();
  await restored.accept();
  await second.backup(renamed("Savings"));
  expect(await errorOf(wallet.moveTo(other))).toBeInstanceOf(RevisionConflictError);
  expect(there.asked.filter((line) => line.startsWith("POST") && line.includes("backups"))).toEqual([]);
});

it("replaces nothing there that this device has not seen", async () => {
  await wallet.backup(dump);
  const another = await (await there.signedIn("bob")).openWallet(SEED);
  await another.backup(renamed("Theirs"));
  expect(await errorOf(wallet.moveTo(other))).toBeInstanceOf(RestoreFirstError);
  expect((await another.restore()).dump).toEqual(renamed("Theirs"));

  const notHers = await there.signedIn("carol", { storage });
  expect(await errorOf(wallet.moveTo(notHers))).toBeInstanceOf(NotYoursError);
});

it("replaces nothing there that this device has written since, however far it went on here", async () => {
  await wallet.backup(dump);
  await wallet.moveTo(other);
  const moved = await other.openWallet(SEED);
  await moved.backup(renamed("Newer"));
  expect(await errorOf(wallet.moveTo(other))).toBeInstanceOf(RevisionConflictError);
  await wallet.backup(renamed("Older"));
  await wallet.backup(renamed("Old"));
  expect(await errorOf(wallet.moveTo(other))).toBeInstanceOf(RevisionConflictError);
  expect((await moved.restore()).dump).toEqual(renamed("Newer"));
});

it("fails as the server does that fails", async () => {
  await wallet.backup(dump);
  expect(await errorOf(wallet.moveTo(there.client()))).toBeInstanceOf(NotSignedInError);
  there.intercept = noNetwork;
  expect(await errorOf(wallet.moveTo(other))).toBeInstanceOf(UnreachableError);
  there.intercept = undefined;
  here.intercept = noNetwork;
  expect(await errorOf(wallet.moveTo(other))).toBeInstanceOf(UnreachableError);
});

it("says so where another device writes there before the drill", async () => {
  await wallet.backup(dump);
  const another = await (await there.signedIn("bob")).openWallet(SEED);
  there.intercept = async ({ method, path, forward }) => {
    if (method !== "POST" || !path.endsWith("/backups")) return undefined as never;
    const answer = await forward();
    there.intercept = undefined;
    const restored = await another.restore();
    await restored.accept();
    await another.backup(renamed("Theirs"));
    return answer;
  };
  expect(await errorOf(wallet.moveTo(other))).toBeInstanceOf(RevisionConflictError);
});

it("stops where it is aborted, and knows its options", async () => {
  await wallet.backup(dump);
  const reason = new Error("enough");
  expect(await errorOf(wallet.moveTo(other, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(await errorOf(wallet.moveTo(other, { replace: true } as object))).toBeInstanceOf(TypeError);
});
