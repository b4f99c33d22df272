import { type Client, type DumpOf, NoBackupError, NoWalletError, type WalletBackup } from "@cloudbackup/client";
import { defineSection, mergeDumps } from "@cloudbackup/core";
import * as v from "valibot";

/** A section of this wallet's own. Its records are integers, text, bytes, true, false, null, lists and maps of them. */
export const notes = defineSection({
  name: "acme.notes",
  schema: v.looseObject({ id: v.number(), text: v.string() }),
  identity: (note) => note.id,
});
export type Sections = readonly [typeof notes];
export type WalletDump = DumpOf<Sections>;

/** The wallet's own database: what is in it survives a restart. */
export interface Store {
  isEmpty(): boolean;
  dump(): WalletDump;
  load(dump: WalletDump): void;
}

/** Called at every start of the wallet, with a client that was made with `sections: [notes]`, and is signed in. */
export async function keepBackedUp(client: Client<Sections>, seed: Uint8Array, store: Store) {
  const wallet = await client.openWallet(seed);
  // A new device takes over what the server holds. A restart does not: its store may hold more than that.
  if (store.isEmpty()) await restore(wallet, store);
  const auto = wallet.autoBackup({
    read: () => store.dump(),
    onStatus({ state }) {
      // Another device has written. What is shown to the person otherwise: state, error, receipt.
      if (state === "conflict") void unite(wallet, store);
    },
  });
  return { wallet, auto };
}

async function restore(wallet: WalletBackup<Sections>, store: Store): Promise<void> {
  try {
    const restored = await wallet.restore();
    store.load(restored.dump);
    await restored.accept();
  } catch (error) {
    // Only these two mean that there is nothing to restore; a server that cannot be reached must not look like that.
    if (!(error instanceof NoWalletError || error instanceof NoBackupError)) throw error;
  }
}

/** Takes over what the other device wrote, without losing what this one changed. */
async function unite(wallet: WalletBackup<Sections>, store: Store): Promise<void> {
  const restored = await wallet.restore();
  // Without a base nothing counts as removed. What both changed is the server's, and listed in `conflicts`.
  const { dump } = mergeDumps({ base: null, local: store.dump(), remote: restored.dump, sections: [notes] });
  store.load(dump as WalletDump);
  await restored.accept(); // The automatic backup goes on by itself.
}
