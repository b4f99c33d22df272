import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { signUp, startServer } from "../support/server.ts";
import { bearer, registerWallet, TestWallet } from "../support/wallet.ts";

interface Case {
  id: string;
  realm: string;
  keys: { signingKey: string; publicKey: string; walletId: string };
  revisions: { revision: number; upload: string; download: string }[];
}

const vectors = new URL("../../../../vectors/format-1.json", import.meta.url);
const { cases } = JSON.parse(await readFile(vectors, "utf8")) as { cases: Case[] };

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "cloudbackup-vectors-"));
});
afterEach(() => rm(dataDir, { recursive: true }));

test.each(cases)("$id: what was uploaded is downloaded, byte for byte", async ({ realm, keys, revisions }) => {
  const database = join(dataDir, "server.sqlite");
  const made = await openSqliteStore(database, { randomBytes, realm: Buffer.from(realm, "hex") });
  await made.close();
  const server = await startServer({ dataDir, database });
  const user = await signUp(server);
  const wallet = new TestWallet(server.realm, Buffer.from(keys.signingKey, "hex"));
  expect(wallet.hex).toBe(keys.walletId);
  expect((await registerWallet(server.app, user, wallet)).statusCode).toBe(201);
  for (const { revision, upload, download } of revisions) {
    const stored = await server.app.inject(wallet.commitRequest(user.token, Buffer.from(upload, "hex"), revision));
    expect(stored.statusCode).toBe(201);
    const url = `${wallet.path}/backups/latest`;
    const latest = await server.app.inject({ method: "GET", url, headers: bearer(user.token) });
    expect(latest.rawPayload.toString("hex")).toBe(download);
  }
  await server.close();
});
