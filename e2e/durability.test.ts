import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ServerProgram } from "./program.ts";
import { parseTrace, type SystemCall, traced, whyNotTraced } from "./system-calls.ts";
import { Api } from "./torture/api.ts";
import { Dice } from "./torture/dice.ts";
import { type Sealed, seal } from "./torture/sealed.ts";
import { commit, register } from "./torture/signed.ts";
import { signUp } from "./torture/user.ts";
import { Wallet } from "./torture/wallet.ts";

const WALLETS = 16;
const COMMITS_EACH = 6;

it("replies to no commit before the transaction of it is on the disk, as its system calls show", async (test) => {
  const reason = whyNotTraced();
  test.skip(reason !== null, reason ?? "");
  const folder = await mkdtemp(join(tmpdir(), "cloudbackup-trace-"));
  const trace = join(folder, "trace");
  const env = { CLOUDBACKUP_ACTIVATION: "none", CLOUDBACKUP_LOG_LEVEL: "error" };
  const server = ServerProgram.launch(join(folder, "data"), { env, under: traced(trace) });
  test.onTestFinished(async () => {
    await server.kill();
    await rm(folder, { recursive: true });
  });
  const sent = await commitAtOnce(new Api(await server.listening()));
  expect(await server.stop()).toBe(0);
  const calls = parseTrace(await readFile(trace, "utf8"));

  expect(sent).toHaveLength(WALLETS * COMMITS_EACH);
  expect(repliedTooEarly(calls, sent)).toEqual([]);
  // The same calls without those that wait for the disk: what is looked for can be found.
  const careless = calls.filter((call) => !isSyncOfLog(call));
  expect(repliedTooEarly(careless, sent)).toHaveLength(sent.length);

  const first = Math.min(...sent.map((sealed) => writesOf(calls, sealed)[0]?.begin ?? 0));
  const syncs = calls.filter((call) => isSyncOfLog(call) && call.begin > first).length;
  // Those that wait together share one.
  expect(syncs).toBeLessThan(sent.length);
  await test.annotate(`${(syncs / sent.length).toFixed(3)} fsyncs a commit at ${WALLETS} at once, traced`);
});

/** Each wallet one after the other, all wallets at once. @returns what was acknowledged */
async function commitAtOnce(api: Api): Promise<Sealed[]> {
  const dice = new Dice("durability");
  const user = await signUp(api, dice.for("user"));
  const { realm } = await api.read<{ realm: string }>("/v1/server", user.token);
  const wallets = Array.from(
    { length: WALLETS },
    (_, i) => new Wallet(user, Buffer.from(realm, "hex"), dice.for(`wallet ${i}`)),
  );
  for (const { keys } of wallets) await register(api, keys, user);
  const sent = await Promise.all(
    wallets.map(async ({ keys }) => {
      const done: Sealed[] = [];
      for (let i = 0; i < COMMITS_EACH; i++) {
        const parent = done[i - 1] ?? { revision: 0 };
        const dump = { accounts: [], pairings: [], labels: [{ type: "tx", ref: "aa", label: `Payment ${i}` }] };
        const sealed = seal(keys, dump, parent, dice, false);
        await commit(api, keys, user.token, sealed, [201]);
        done.push(sealed);
      }
      return done;
    }),
  );
  return sent.flat();
}

/**
 * The commits whose 201 was not preceded by: a write of the envelope's hash into the write-ahead log, then a sync of the log
 * that began after this write had ended, and ended before the reply began.
 */
function repliedTooEarly(calls: readonly SystemCall[], sent: readonly Sealed[]): number[] {
  return sent.flatMap((sealed, i) => {
    const [write] = writesOf(calls, sealed);
    const sync = calls.find((call) => isSyncOfLog(call) && write && call.begin > write.end);
    const reply = calls.find((call) => call.file.startsWith("TCP:") && isReceipt(call.data, sealed));
    return write && sync && reply && sync.end < reply.begin ? [] : [i];
  });
}

function writesOf(calls: readonly SystemCall[], { sha256 }: Sealed): SystemCall[] {
  const hash = Buffer.from(sha256, "hex");
  return calls.filter(({ name, file, data }) => isLog(file) && name.includes("write") && data.includes(hash));
}

function isSyncOfLog({ name, file }: SystemCall): boolean {
  return isLog(file) && (name === "fsync" || name === "fdatasync");
}

function isLog(file: string): boolean {
  return file.endsWith("cloudbackup.sqlite-wal");
}

function isReceipt(data: Buffer, { sha256 }: Sealed): boolean {
  return data.includes("HTTP/1.1 201 ") && data.includes(`"sha256":"${sha256}"`);
}
