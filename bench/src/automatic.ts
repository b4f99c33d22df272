import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Fetch } from "@cloudbackup/client";
import { directoryStorage } from "@cloudbackup/client/node";
import { dumpOf } from "./dump.ts";
import { temporaryFolder } from "./load/folder.ts";
import { startServer } from "./server.ts";
import { seedOf, signedInClient } from "./wallet.ts";

/** A wallet that backs itself up, at a server of its own, with a storage on the disk. */
export interface AutomaticWallet extends AsyncDisposable {
  /** Changes an account, and says so. */
  change(): void;
  /** Resolves when all is stored. */
  idle(): Promise<void>;
  /** Bytes of the commits sent since the first backup. */
  readonly commits: number[];
}

export async function automaticWallet(megabytes: number): Promise<AutomaticWallet> {
  await using cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(await temporaryFolder());
  const server = await startServer();
  cleanup.defer(() => server.stop());
  const commits: number[] = [];
  const counting: Fetch = (url, init) => {
    if (new URL(url).pathname.endsWith("/backups")) commits.push((init.body as Uint8Array).length);
    return fetch(url, init);
  };
  const storage = directoryStorage(join(folder.path, "storage"));
  const client = await signedInClient(server.url, { fetch: counting, storage });
  const wallet = cleanup.use(await client.openWallet(seedOf(0)));
  const dump = dumpOf(megabytes);
  let onStatus = () => {};
  const auto = cleanup.use(wallet.autoBackup({ read: () => dump, onStatus: () => onStatus() }));
  await auto.durable();
  commits.length = 0;
  const rest = cleanup.move();
  let changes = 0;
  return {
    commits,
    change() {
      const account = dump.accounts[changes % dump.accounts.length];
      if (account) account.external = { next: 1_000 + changes++ };
      auto.changed(["accounts"]);
    },
    async idle() {
      await new Promise<void>((resolve) => {
        onStatus = () => {
          if (auto.status.state === "idle") resolve();
        };
        onStatus();
      });
      // What is told of the last backup is told before that has ended.
      await setImmediate();
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}
