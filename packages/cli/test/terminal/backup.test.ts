import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@cloudbackup/client";
import { formatDumpJson } from "@cloudbackup/core/interchange";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { dump, OTHER_WORDS, renamed, WORDS } from "../support/dumps.ts";
import { runPiped, Session, temporaryFolder } from "../support/program.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { backedUp, USER } from "../support/wallet.ts";

let server: TestServer;
let folder: string;
let home: string;

beforeAll(async () => {
  server = await startServer({ activation: "none" });
  await backedUp(server, [dump]);
});

beforeEach(async () => {
  folder = await temporaryFolder();
  home = await temporaryFolder();
  await writeFile(join(folder, "wallet.json"), formatDumpJson(dump));
});

/** On one machine, which remembers. */
function run(args: string[], descriptors = [WORDS], input = "") {
  return runPiped({ args: [...args, "--seed-fd", "3"], descriptors, input, cwd: folder, env: { HOME: home } });
}

const at = (...args: string[]) => [...args, "--server", server.url];

describe("a backup", () => {
  it("does not replace what this machine has not restored, but where it is told to", async () => {
    const refused = await run(at("backup", "wallet.json"));
    expect(refused).toMatchObject({ code: 9, stdout: "" });
    expect(refused.stderr).toContain("which this machine has not restored");
    expect(refused.stderr).toContain("--replace");
    const json = await run(at("backup", "wallet.json", "--json"));
    expect(JSON.parse(json.stderr)).toMatchObject({
      error: { code: "ERR_CB_RESTORE_FIRST", currentRevision: 1 },
      exitCode: 9,
    });
    const replaced = await run(at("backup", "wallet.json", "--replace", "--json"));
    expect(replaced).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(replaced.stdout)).toEqual({
      revision: 2,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      storedAt: expect.any(String),
      changed: true,
      bytesSent: expect.any(Number),
    });
  });

  it("does not lose a pairing, but where it is allowed to", async () => {
    expect(await run(at("restore", "--out", "mine.json"))).toMatchObject({ code: 0 });
    const [spending] = dump.accounts;
    await writeFile(
      join(folder, "less.json"),
      formatDumpJson({ ...dump, accounts: [spending as never], pairings: [] }),
    );
    const refused = await run(at("backup", "less.json"));
    expect(refused).toMatchObject({ code: 9, stdout: "" });
    expect(refused.stderr).toContain("the account mainnet/m/44'/0'/1'");
    expect(refused.stderr).toContain("the pairing phone");
    expect(refused.stderr).toContain("--allow-shrink");
    expect(await run(at("backup", "less.json", "--allow-shrink"))).toMatchObject({ code: 0 });
    expect(await run(at("backup", "wallet.json"))).toMatchObject({ code: 0 });
  });

  it("of a wallet that is new asks whose it is, and from then on the words are enough", async () => {
    const session = await Session.start({ args: at("backup", "wallet.json"), cwd: folder, env: { HOME: home } });
    await session.answer("Words:", OTHER_WORDS);
    await session.shows("does not know the wallet yet");
    await session.answer("Username:", USER.username);
    await session.answer("Password:", USER.password);
    await session.shows("Stored as revision 1");
    expect(await session.ended).toBe(0);
    expect(session.output).not.toContain("horse");
    // The server is remembered.
    await writeFile(join(folder, "changed.json"), formatDumpJson(renamed("Changed")));
    const update = await run(["backup", "changed.json", "--json"], [OTHER_WORDS]);
    expect(update).toMatchObject({ code: 0 });
    expect(JSON.parse(update.stdout)).toMatchObject({ revision: 2 });
  });

  it("says what makes a dump of what is none", async () => {
    await writeFile(join(folder, "labels.jsonl"), '{"type":"tx","ref":"00","label":"Rent"}\n');
    const refused = await run(at("backup", "labels.jsonl"));
    expect(refused).toMatchObject({ code: 3, stdout: "" });
    expect(refused.stderr).toContain("cloudbackup import");
  });

  it("says of a file descriptor that nobody has opened that it cannot be read", async () => {
    for (const fd of ["3", "77"]) {
      const refused = await runPiped({ args: at("backup", "wallet.json", "--seed-fd", fd), cwd: folder });
      expect(refused).toMatchObject({ code: 3, stdout: "" });
      expect(refused.stderr).toContain(`File descriptor ${fd} cannot be read`);
    }
  });

  it("takes the password from another program", async () => {
    const wrong = await runPiped({
      args: at("backup", "wallet.json", "--seed-fd", "3", "--username", USER.username, "--password-fd", "4"),
      descriptors: ["00".repeat(16).replace(/0$/, "2"), "not the password\nat all"],
      cwd: folder,
    });
    expect(wrong).toMatchObject({ code: 6, stdout: "" });
    expect(wrong.stderr).toContain("Wrong username or password");
    const right = await runPiped({
      args: at("backup", "wallet.json", "--seed-fd", "3", "--username", USER.username, "--password-fd", "4"),
      descriptors: ["00".repeat(16).replace(/0$/, "2"), `${USER.password}\n`],
      cwd: folder,
    });
    expect(right).toMatchObject({ code: 0 });
  });

  it("reads standard input, and asks at the terminal all the same", async () => {
    const session = await Session.start({
      args: [],
      shell: `cat wallet.json | $CLOUDBACKUP backup - --server ${server.url} --replace --json > receipt.json; echo "code $?"; cat receipt.json`,
      cwd: folder,
    });
    await session.answer("Words:", WORDS);
    await session.shows("code 0");
    await session.shows(/\{"revision":\d+,/);
    await session.ended;
    expect(session.output).not.toContain("sausage");
    const itself = await Session.start({ args: at("backup", "-") });
    await itself.shows("which is the terminal");
    expect(await itself.ended).toBe(2);
  });

  it("is not begun with a file that is none, before anything is asked", async () => {
    await writeFile(
      join(folder, "broken.json"),
      '{"format": "cloudbackup-dump/1",\n "sections": {"accounts": [{"n": 0.5}]}}',
    );
    const broken = await run(at("backup", "broken.json"));
    expect(broken).toMatchObject({ code: 3, stdout: "" });
    expect(broken.stderr).toContain("Line 2, column 34 (sections.accounts[0].n)");
    await writeFile(join(folder, "wrong.json"), formatDumpJson(dump).replace('"p2wpkh"', "5"));
    const wrong = await run(at("backup", "wrong.json"));
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toContain("accounts[0].script");
    const none = await run(at("backup", "none.json"));
    expect(none).toMatchObject({ code: 3, stderr: "none.json cannot be read: it is not there\n" });
  });
});

describe("login", () => {
  it("says whose a wallet is that is another user's", async () => {
    const client = createClient({ url: server.url });
    await client.register({ username: "mallory", password: USER.password, email: "m@example.org" });
    const { code, stderr } = await runPiped({
      args: ["login", server.url, "--username", "mallory", "--password-fd", "4", "--seed-fd", "3"],
      descriptors: [WORDS, USER.password],
    });
    expect(code).toBe(6);
    expect(stderr).toContain("This wallet belongs to the user hodler21");
  });
});

describe("verify", () => {
  it("says what differs, by code, in a table and as JSON", async () => {
    await run(at("restore", "--out", "mine.json"));
    await writeFile(join(folder, "other.json"), formatDumpJson(renamed("Other")));
    await run(at("backup", "wallet.json"));
    const same = await run(at("verify", "wallet.json", "--json"));
    expect(same).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(same.stdout)).toMatchObject({
      ok: true,
      sections: [{ name: "accounts", outcome: "same" }, {}, {}, {}],
    });
    const differs = await run(at("verify", "other.json", "--json"));
    expect(differs.code).toBe(11);
    expect(JSON.parse(differs.stdout)).toMatchObject({ ok: false });
    expect(JSON.parse(differs.stderr)).toMatchObject({ error: { code: "ERR_CB_DIFFERS" }, exitCode: 11 });
    const drill = await run(at("verify"));
    expect(drill.code).toBe(0);
    expect(drill.stdout).toMatch(/^Revision \d+, written .* UTC, is whole and opens\.\n$/);
  });
});

describe("a sealed file", () => {
  it("opens by its words alone, offline", async () => {
    const exported = await run(at("export", "--out", "a.cloudbackup", "--json"));
    expect(JSON.parse(exported.stdout)).toEqual({ file: "a.cloudbackup", bytes: expect.any(Number) });
    const other = await run(["open", "a.cloudbackup"], [OTHER_WORDS]);
    expect(other).toMatchObject({ code: 7, stdout: "" });
    const opened = await run(["open", "a.cloudbackup", "--json"]);
    expect(opened).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(opened.stdout)).toMatchObject({ accounts: [{}, {}], file: null });
    await writeFile(join(folder, "b.cloudbackup"), "nothing of the kind");
    expect(await run(["open", "b.cloudbackup"])).toMatchObject({ code: 7, stdout: "" });
  });
});
