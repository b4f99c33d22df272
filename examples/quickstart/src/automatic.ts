import type { Client, Dump } from "@cloudbackup/client";

interface Store {
  dump(): Dump;
  load(dump: Dump): void;
  on(event: "change", listener: () => void): unknown;
}

export async function backUpByItself(client: Client, seed: Uint8Array, store: Store) {
  const wallet = await client.openWallet(seed);
  const auto = wallet.autoBackup({
    read: () => store.dump(),
    apply: (merged) => store.load(merged), // another device has written: what it wrote, and what this one changed
  });
  store.on("change", () => auto.changed()); // one backup follows, a quiet second later
  return auto; // await auto.durable() before the address of a newly paired account is shown: this state is stored
}
