import {
  type Client,
  type DumpOf,
  type MergeConflict,
  NoBackupError,
  NoWalletError,
  type WalletBackup,
} from "@cloudbackup/client";
import { defineSection } from "@cloudbackup/core";
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
  /** @param conflicts both values of what two devices changed, of which the dump holds the server's: for the person to see */
  load(dump: WalletDump, conflicts?: readonly MergeConflict[]): void;
}

/** Called at every start of the wallet, with a client that was made with `sections: [notes]`, and is signed in. */
export async function keepBackedUp(client: Client<Sections>, seed: Uint8Array, store: Store) {
  const wallet = await client.openWallet(seed);
  // A new device takes over what the server holds. A restart does not: its store may hold more than that.
  if (store.isEmpty()) await restore(wallet, store);
  const auto = wallet.autoBackup({
    read: () => store.dump(),
    // Another device has written: this is what it wrote and what this one changed. It is backed up once it was taken over.
    apply: (merged, { conflicts }) => store.load(merged, conflicts),
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
