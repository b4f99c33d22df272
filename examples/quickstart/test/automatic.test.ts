import { EventEmitter } from "node:events";
import { readFile } from "node:fs/promises";
import { type AutoBackup, createClient, type Dump } from "@cloudbackup/client";
import { createTestServer } from "@cloudbackup/client/testing";
import { expect, it, onTestFinished } from "vitest";
import { backUpByItself } from "../src/automatic.ts";

const seed = new Uint8Array(32).fill(7);
const login = { username: "hodler21", password: "correct horse battery staple" };

class Store extends EventEmitter {
  held: Dump = { accounts: [], pairings: [] };

  dump(): Dump {
    return this.held;
  }

  load(dump: Dump): void {
    this.held = dump;
  }

  label(ref: string, label: string): void {
    this.held = { ...this.held, labels: [...(this.held.labels ?? []), { type: "addr", ref, label }] };
    this.emit("change");
  }
}

/** A device whose automatic backup runs until the test ends. */
async function device(server: ReturnType<typeof createTestServer>) {
  const client = createClient({ url: server.url, fetch: server.fetch });
  await client.signIn(login);
  const store = new Store();
  const begin = async () => {
    const auto = await backUpByItself(client, seed, store);
    onTestFinished(() => auto.close());
    return auto;
  };
  return { client, store, begin };
}

/** Resolves when all of it is stored. */
async function idle(auto: AutoBackup): Promise<void> {
  for await (const { state } of auto) if (state === "idle") return;
}

it("stands in the README word for word", async () => {
  const [readme, program] = await Promise.all(
    ["../../../README.md", "../src/automatic.ts"].map((file) => readFile(new URL(file, import.meta.url), "utf8")),
  );
  expect(readme).toContain(program);
});

it("backs up what changes, and brings together what two devices write", async () => {
  const server = createTestServer();
  await createClient({ url: server.url, fetch: server.fetch }).register({ ...login, email: "hodler21@example.org" });
  const one = await device(server);
  const first = await one.begin();
  one.store.label("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "Rent");
  expect(first.status.state).toBe("dirty");
  await idle(first);
  expect((await first.durable()).changed).toBe(false);

  const other = await device(server);
  const wallet = await other.client.openWallet(seed);
  const restored = await wallet.restore();
  other.store.load(restored.dump);
  await restored.accept();
  const second = await other.begin();
  one.store.label("bc1q0ht9tyks4vh7p5p904t340cr9nvahy7u3re7zg", "Salary");
  await first.durable();
  other.store.label("bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g", "Coffee");
  await second.durable();
  expect(other.store.held.labels?.map(({ label }) => label).sort()).toEqual(["Coffee", "Rent", "Salary"]);
});
