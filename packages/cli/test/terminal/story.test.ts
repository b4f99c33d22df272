import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatDumpJson, parseDumpJson } from "@cloudbackup/core/interchange";
import { expect, it } from "vitest";
import { dump, renamed, WORDS } from "../support/dumps.ts";
import { runPiped, Session, temporaryFolder } from "../support/program.ts";
import { mailedLink, startServer } from "../support/server.ts";

const PASSWORD = "correct horse battery staple";

it("a person registers, backs up, changes, looks, checks, keeps a file, and restores on another machine", async () => {
  const server = await startServer();
  const home = await temporaryFolder();
  const folder = await temporaryFolder();
  const sessions: Session[] = [];
  const start = async (...args: string[]) => {
    const session = await Session.start({ args, env: { HOME: home }, cwd: folder });
    sessions.push(session);
    return session;
  };
  await writeFile(join(folder, "wallet.json"), formatDumpJson(dump));
  await writeFile(join(folder, "changed.json"), formatDumpJson(renamed("Shopping")));

  const register = await start("register", server.url);
  await register.answer("Username:", "hodler21");
  await register.answer("E-mail:", "hodler21@example.org");
  await register.answer("Password:", PASSWORD);
  await register.answer("Password again:", `${PASSWORD}!`);
  await register.shows("That is another one.");
  register.enter(PASSWORD);
  await register.shows("The user hodler21 is registered.\nA link was mailed");
  expect(await register.ended).toBe(0);

  const early = await start("login", "--username", "hodler21");
  await early.answer("Password:", PASSWORD);
  await early.shows("cloudbackup activate");
  expect(await early.ended).toBe(6);

  const link = await mailedLink(server);
  const activate = await start("activate");
  await activate.answer("Link or token:", link);
  await activate.shows("Activated.");
  expect(await activate.ended).toBe(0);

  const login = await start("login");
  await login.answer("Username:", "hodler21");
  await login.answer("Password:", PASSWORD);
  await login.answer("Words:", WORDS);
  await login.shows("The wallet is hodler21's.");
  expect(await login.ended).toBe(0);

  // From here on nobody is asked for a password.
  const backup = await start("backup", "wallet.json");
  await backup.answer("Words:", WORDS);
  await backup.shows("Stored as revision 1");
  expect(await backup.ended).toBe(0);

  const again = await start("backup", "wallet.json");
  await again.answer("Words:", WORDS);
  await again.shows("Nothing has changed since revision 1");
  expect(await again.ended).toBe(0);

  const differs = await start("verify", "changed.json");
  await differs.answer("Words:", WORDS);
  await differs.shows(/accounts +Shopping +differs +name +the file/);
  expect(await differs.ended).toBe(11);

  const update = await start("backup", "changed.json");
  await update.answer("Words:", WORDS);
  await update.shows("Stored as revision 2");
  expect(await update.ended).toBe(0);

  const history = await start("history");
  await history.answer("Words:", WORDS);
  await history.shows(/2 +\d{4}-\d\d-\d\d.*\n1 +\d{4}-\d\d-\d\d/);
  expect(await history.ended).toBe(0);

  const verify = await start("verify", "changed.json");
  await verify.answer("Words:", WORDS);
  await verify.shows("Revision 2");
  await verify.shows("and holds what the file does.");
  expect(await verify.ended).toBe(0);

  const show = await start("show");
  await show.answer("Words:", WORDS);
  await show.shows("Revision 2");
  await show.shows(/Shopping +standard +mainnet +m\/84'\/0'\/0' +p2wpkh +7\/3/);
  await show.shows(/My phone +Savings +4/);
  await show.shows(/labels +1 record/);
  expect(await show.ended).toBe(0);

  const exported = await start("export", "--out", "spending.cloudbackup");
  await exported.answer("Words:", WORDS);
  await exported.shows("Saved as spending.cloudbackup");
  expect(await exported.ended).toBe(0);

  const opened = await start("open", "spending.cloudbackup", "--out", "opened.json");
  await opened.answer("Words:", WORDS);
  await opened.shows("Saved as opened.json");
  expect(await opened.ended).toBe(0);

  // Another machine, which knows nothing but the words; the server is asked for.
  const fresh = await temporaryFolder();
  const restore = await Session.start({ args: ["restore"], env: { HOME: fresh }, cwd: folder });
  sessions.push(restore);
  await restore.answer("Words:", WORDS);
  await restore.answer("Server", server.url);
  await restore.shows("2 accounts");
  await restore.answer("Save it as", "restored.json");
  await restore.shows("Saved as restored.json");
  expect(await restore.ended).toBe(0);

  for (const file of ["opened.json", "restored.json"]) {
    expect(parseDumpJson(await readFile(join(folder, file), "utf8"))).toEqual(byName(renamed("Shopping")));
    expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  }

  // It took the backup over, and so may go on.
  const third = await runPiped({
    args: ["backup", "-", "--seed-fd", "3", "--json"],
    input: formatDumpJson(renamed("Holidays")),
    descriptors: [WORDS],
    env: { HOME: fresh },
  });
  expect(third).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(third.stdout)).toMatchObject({ revision: 3, changed: true });

  // The first machine did not restore that.
  const conflict = await start("backup", "wallet.json");
  await conflict.answer("Words:", WORDS);
  await conflict.shows("Another device has written revision 3");
  expect(await conflict.ended).toBe(9);

  const secrets = [...WORDS.split(" ").filter((word) => word.length > 4), PASSWORD, link.split("#token=")[1] as string];
  for (const session of sessions) {
    for (const secret of secrets) expect(session.output).not.toContain(secret);
  }
  const kept = await contentBelow(home);
  expect(kept.length).toBeGreaterThan(3);
  for (const { file, bytes } of kept) {
    for (const secret of [...secrets, "Spending", "Rent", "hodler21"]) {
      expect(bytes.includes(secret), `${file} has no ${secret}`).toBe(false);
    }
    expect((await stat(file)).mode & 0o077, file).toBe(0);
  }
  expect((await stat(join(home, ".local", "state", "cloudbackup"))).mode & 0o077).toBe(0);
});

/** Records of defined sections come in the format's order. */
function byName(of: typeof dump): typeof dump {
  return { ...of, accounts: [...of.accounts].sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

async function contentBelow(folder: string): Promise<{ file: string; bytes: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (file) => ({ file, bytes: await readFile(file) })));
}
