import assert from "node:assert/strict";
import { createClient } from "@cloudbackup/client";
import { mnemonicToSeed } from "@cloudbackup/core/seed";
import { keepBackedUp, notes, type Store, type WalletDump } from "./keep-backed-up.ts";

const url = process.env.CLOUDBACKUP_URL ?? "http://127.0.0.1:8787";
const seed = await mnemonicToSeed("legal winner thank year wave sausage worth useful legal winner thank yellow");

/** Stands for the wallet's database; this one does not survive the program. */
class Notebook implements Store {
  #dump: WalletDump | undefined;

  write(id: number, text: string): void {
    const { "acme.notes": written = [], ...rest } = this.dump();
    this.#dump = { ...rest, "acme.notes": [...written, { id, text }] };
  }

  isEmpty(): boolean {
    return this.#dump === undefined;
  }

  dump(): WalletDump {
    return this.#dump ?? { accounts: [], pairings: [], "acme.notes": [] };
  }

  load(dump: WalletDump): void {
    this.#dump = dump;
  }

  toString(): string {
    return (this.dump()["acme.notes"] ?? []).map(({ text }) => text).join(", ");
  }
}

// The first device registers, and is backed up from then on.
const client = createClient({ url, sections: [notes] });
const user = { username: "hodler22", password: "correct horse battery staple", email: "hodler22@example.org" };
await client.register(user);
console.log("Open the activation link, which the server has sent (or, in development, printed) …");
await client.waitForActivation();
const mine = new Notebook();
const first = await keepBackedUp(client, seed, mine);
mine.write(1, "rent");
await first.auto.durable();
console.log(`First device: backed up ${mine}`);

// The second knows nothing but the words, and takes over what there is.
const device = createClient({ url, sections: [notes] });
await device.signInWithSeed(seed);
const theirs = new Notebook();
const second = await keepBackedUp(device, seed, theirs);
console.log(`Second device: restored ${theirs}`);

// Both change. Who comes second takes over what the first wrote, with what it wrote itself, and then backs that up.
mine.write(2, "groceries");
await first.auto.durable();
theirs.write(3, "holidays");
await second.auto.durable();
console.log(`Second device: united ${theirs}`);

const { dump } = await second.wallet.restore();
assert.deepEqual(dump["acme.notes"], theirs.dump()["acme.notes"]);
console.log(`The server holds ${dump["acme.notes"]?.length} notes`);
first.wallet.close();
second.wallet.close();
