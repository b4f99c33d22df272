import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatDumpJson } from "@cloudbackup/core/interchange";
import { beforeAll, describe, expect, it } from "vitest";
import { dump, renamed, WORDS } from "../support/dumps.ts";
import { runPiped, Session, temporaryFolder } from "../support/program.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { backedUp } from "../support/wallet.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ activation: "none" });
  await backedUp(server, [dump]);
});

/** Each question, after the answers to those before it. */
const QUESTIONS: readonly [name: string, args: string[], answers: [string, string][], last: string][] = [
  ["the words", ["restore", "URL"], [], "Words:"],
  ["one word again", ["restore", "URL"], [["Words:", WORDS.replace("sausage", "sausige")]], "Word 6 again"],
  ["the passphrase", ["restore", "URL", "--passphrase"], [["Words:", WORDS]], "Passphrase:"],
  ["the server", ["restore", "--no-state"], [["Words:", WORDS]], "Server"],
  ["where to save", ["restore", "URL"], [["Words:", WORDS]], "Save it as"],
  ["the username", ["register", "URL"], [], "Username:"],
  ["the e-mail", ["register", "URL"], [["Username:", "bob"]], "E-mail:"],
  [
    "the password",
    ["register", "URL"],
    [
      ["Username:", "bob"],
      ["E-mail:", "bob@example.org"],
    ],
    "Password:",
  ],
  [
    "the password again",
    ["register", "URL", "--username", "bob", "--email", "bob@example.org"],
    [["Password:", "correct horse"]],
    "Password again:",
  ],
  ["the link", ["activate", "URL"], [], "Link or token:"],
  ["new words", ["seed", "new"], [], "Press Enter"],
];

describe("Ctrl-C", () => {
  it.each(QUESTIONS)("ends the program where it asks for %s, and gives the terminal its echo back", async (...row) => {
    const [, args, answers, last] = row;
    const folder = await temporaryFolder();
    const line = args.map((arg) => (arg === "URL" ? server.url : arg)).join(" ");
    const session = await Session.start({
      args: [],
      shell: `stty -a > before; $CLOUDBACKUP ${line}; echo "code $?"; stty -a > after; cmp before after && echo same`,
      cwd: folder,
    });
    for (const [question, answer] of answers) await session.answer(question, answer);
    await session.shows(last);
    session.type("abc");
    session.interrupt();
    await session.shows("code 130");
    await session.shows("same");
    expect((await readdir(folder)).sort()).toEqual(["after", "before"]);
    expect(session.output).not.toMatch(/sausige|winner|correct horse/);
  });

  it("during an upload stores nothing half, and the next backup brings it to an end", async () => {
    const home = await temporaryFolder();
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.json"), formatDumpJson(renamed("Upload")));
    const take = await runPiped({
      args: ["restore", server.url, "--out", "mine.json", "--seed-fd", "3"],
      descriptors: [WORDS],
      env: { HOME: home },
      cwd: folder,
    });
    expect(take).toMatchObject({ code: 0 });
    const hold = server.hold("POST", /\/backups/);
    const session = await Session.start({ args: ["backup", "a.json"], env: { HOME: home }, cwd: folder });
    await session.answer("Words:", WORDS);
    await hold.arrived;
    session.interrupt();
    expect(await session.ended).toBe(130);
    expect(session.text).toContain("Interrupted");
    hold.release();

    const again = await runPiped({
      args: ["backup", "a.json", "--seed-fd", "3", "--json"],
      descriptors: [WORDS],
      env: { HOME: home },
      cwd: folder,
    });
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ revision: 2 });
  });

  it("during a download leaves no file", async () => {
    const folder = await temporaryFolder();
    const hold = server.hold("GET", /\/backups\/latest/);
    const session = await Session.start({ args: ["restore", server.url, "--out", "wallet.json"], cwd: folder });
    await session.answer("Words:", WORDS);
    await hold.arrived;
    session.interrupt();
    expect(await session.ended).toBe(130);
    hold.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it("where the terminal makes a signal of it, too", async () => {
    const hold = server.hold("GET", /\/backups\/latest/);
    const session = await Session.start({
      args: [],
      shell: `printf '%s' '${WORDS}' > words; $CLOUDBACKUP show --server ${server.url} --seed-fd 3 3< words; echo "code $?"`,
    });
    await hold.arrived;
    session.interrupt();
    await session.shows("Interrupted");
    hold.release();
    await session.ended;
  });

  it("while another program has not handed a password over", async () => {
    const session = await Session.start({
      args: [],
      shell: `mkfifo pass; exec 9<>pass; $CLOUDBACKUP register ${server.url} --username bob --email bob@example.org --password-fd 3 3< pass`,
      cwd: await temporaryFolder(),
    });
    await session.shows("Registering at");
    session.interrupt();
    await session.shows("Interrupted");
    await session.ended;
  });
});

it.each([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s ends it as Ctrl-C does", async (signal, code) => {
  const folder = await temporaryFolder();
  const hold = server.hold("GET", /\/backups\/latest/);
  const session = await Session.start({ args: ["restore", server.url, "--out", "wallet.json"], cwd: folder });
  await session.answer("Words:", WORDS);
  await hold.arrived;
  session.kill(signal);
  expect(await session.ended).toBe(code);
  hold.release();
  expect(await readdir(folder)).toEqual([]);
});
