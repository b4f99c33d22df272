import { readFile } from "node:fs/promises";
import { createClient, memoryStorage, type Storage } from "@cloudbackup/client";
import { createServer } from "@cloudbackup/server";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { keepBackedUp, notes, type Store, type WalletDump } from "../src/keep-backed-up.ts";

const seed = new Uint8Array(32).fill(7);
const login = { username: "hodler21", password: "correct horse battery staple" };
const noted = (...ids: number[]): WalletDump => ({
  accounts: [],
  pairings: [],
  "acme.notes": ids.map((id) => ({ id, text: `note ${id}` })),
});

let url: string;
beforeEach(async () => {
  const server = await createServer({
    dataDir: "unused",
    database: ":memory:",
    activation: "none",
    logLevel: "silent",
  });
  onTestFinished(() => server.close());
  url = await server.listen({ host: "127.0.0.1", port: 0 });
  await createClient({ url }).register({ ...login, email: "hodler21@example.org" });
});

function storeOf(dump?: WalletDump): Store & { held: WalletDump | undefined } {
  return {
    held: dump,
    isEmpty() {
      return this.held === undefined;
    },
    dump() {
      return this.held ?? noted();
    },
    load(loaded) {
      this.held = loaded;
    },
  };
}

async function start(store: Store, storage: Storage) {
  const client = createClient({ url, storage, sections: [notes] });
  await client.signIn(login);
  const kept = await keepBackedUp(client, seed, store);
  onTestFinished(() => kept.wallet.close());
  return kept;
}

it("stands in the guide word for word", async () => {
  const [guide, program] = await Promise.all(
    ["../../../docs/wallet-guide.md", "../src/keep-backed-up.ts"].map((file) =>
      readFile(new URL(file, import.meta.url), "utf8"),
    ),
  );
  expect(guide).toContain(program);
});

it("backs up at the first start, keeps at a restart what no server has, and brings a new device all of it", async () => {
  const [store, storage] = [storeOf(), memoryStorage()];
  const first = await start(store, storage);
  store.held = noted(1);
  expect(await first.auto.durable()).toMatchObject({ changed: true });
  store.held = noted(1, 2);
  first.auto.changed();
  first.wallet.close();

  const second = await start(store, storage);
  await second.auto.durable();
  expect(store.held).toEqual(noted(1, 2));

  const newDevice = storeOf();
  await start(newDevice, memoryStorage());
  expect(newDevice.held).toEqual(noted(1, 2));
});

it("unites what two devices changed", async () => {
  const [mine, theirs] = [storeOf(), storeOf()];
  const one = await start(mine, memoryStorage());
  await one.auto.durable();
  const other = await start(theirs, memoryStorage());
  mine.held = noted(1);
  await one.auto.durable();
  theirs.held = noted(2);
  expect(await other.auto.durable()).toMatchObject({ revision: 3 });
  expect(theirs.held).toEqual(noted(1, 2));
  expect((await other.wallet.restore()).dump).toEqual(noted(1, 2));
});
