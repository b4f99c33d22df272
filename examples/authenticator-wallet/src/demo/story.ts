import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MNEMONIC } from "./demo-wallet.ts";
import { provokeFailures } from "./failures.ts";
import { useFirstDevice } from "./first-device.ts";
import type { Narrator } from "./narrator.ts";
import { restoreWithPassword, restoreWithSeed } from "./restore.ts";
import { startServer } from "./server.ts";

/** What a person still has when every device is lost. */
export interface Remembered {
  mnemonic: string;
  username: string;
  password: string;
}

const remembered: Remembered = { mnemonic: MNEMONIC, username: "demo", password: "four words that nobody guesses" };

/**
 * From registering to restoring, then what can go wrong. Leaves nothing behind.
 *
 * @throws MismatchError where anything came back other than it went; whatever client and server throw
 */
export async function playStory(narrator: Narrator): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "cloudbackup-demo-"));
  const server = await startServer(dataDir);
  try {
    const before = await useFirstDevice(narrator, server, remembered);
    await restoreWithPassword(narrator, server.url, remembered, before);
    await restoreWithSeed(narrator, server.url, remembered.mnemonic, before);
    await provokeFailures(narrator, server, remembered);
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
