import { CloudBackupError, createClient } from "@cloudbackup/client";
import { mnemonicToSeed } from "@cloudbackup/core/seed";
import { damageLatestBackup } from "./damage.ts";
import { assertSame, MismatchError } from "./mismatch.ts";
import type { Narrator, Problem } from "./narrator.ts";
import type { DemoServer } from "./server.ts";
import type { Remembered } from "./story.ts";

/** A valid mnemonic, of BIP-39's test vectors, and somebody else's. */
const ANOTHER_MNEMONIC = "legal winner thank year wave sausage worth useful legal winner thank yellow";

/** Four things that go wrong, each with an error of its own. None of them looks like an empty wallet. */
export async function provokeFailures(narrator: Narrator, server: DemoServer, person: Remembered): Promise<void> {
  narrator.chapter("What can go wrong, and what it says");

  await provoke(
    narrator,
    {
      id: "wrong-mnemonic",
      situation: "A wrong mnemonic",
      code: "ERR_CB_NO_WALLET",
      advice: "Compare the words, and the passphrase if there is one, with what was written down.",
    },
    () => restore(server.url, { ...person, mnemonic: ANOTHER_MNEMONIC }),
  );

  await provoke(
    narrator,
    {
      id: "wrong-password",
      situation: "A wrong password",
      code: "ERR_CB_BAD_CREDENTIALS",
      advice: "Try again, or sign in by the seed: it shows the username and needs no password.",
    },
    () => restore(server.url, { ...person, password: "a guess" }),
  );

  await server.stop();
  await provoke(
    narrator,
    {
      id: "stopped-server",
      situation: "A server that does not run",
      code: "ERR_CB_UNREACHABLE",
      advice: "Nothing is lost: try again later. Automatic backups do so by themselves.",
    },
    () => restore(server.url, person),
  );

  damageLatestBackup(server.databaseFile);
  await server.start();
  await provoke(
    narrator,
    {
      id: "corrupted-row",
      situation: "One changed bit in the server's database",
      code: "ERR_CB_TAMPERED",
      advice: "Restore the revision before it, as follows, and tell whoever runs the server.",
    },
    () => restore(server.url, person),
  );
  const revision = await restore(server.url, person, 1);
  assertSame(revision, 1, "The older revision");
  narrator.step("older-revision", "Revision 1 is whole, and still opens", { revision });
}

async function provoke(narrator: Narrator, expected: Omit<Problem, "message">, attempt: () => Promise<unknown>) {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof CloudBackupError)) throw error;
    assertSame(error.code, expected.code, `The error of “${expected.situation}”`);
    narrator.problem({ ...expected, message: error.message });
    return;
  }
  throw new MismatchError(`“${expected.situation}” should be an error, it is none`);
}

/** What a new device does; asks once, where an app would try for longer. @returns the revision */
async function restore(url: string, person: Remembered, revision?: number): Promise<number> {
  const { mnemonic, username, password } = person;
  const client = createClient({ url, retry: { attempts: 1 } });
  await client.signIn({ username, password });
  const backup = await client.openWallet(await mnemonicToSeed(mnemonic));
  try {
    return (await backup.restore({ revision })).revision;
  } finally {
    backup.close();
  }
}
