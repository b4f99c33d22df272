import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parseDumpJson } from "@cloudbackup/core/interchange";
import { beforeAll, describe, expect, it } from "vitest";
import { dump, OTHER_WORDS, renamed, WORDS } from "../support/dumps.ts";
import { runPiped, Session, temporaryFolder } from "../support/program.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { backedUp } from "../support/wallet.ts";

const NOTHING_FOUND =
  "This server has no backup for these words. The words are valid. Usual causes: a passphrase (25th word), another server, another wallet's words. Nothing has been changed.";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ activation: "none" });
  await backedUp(server, [renamed("Older"), dump]);
});

/** With the words from another program. */
function byWords(words: string, ...args: string[]) {
  return runPiped({ args: [...args, "--seed-fd", "3"], descriptors: [words] });
}

describe("where nothing is found", () => {
  it("says why, at the terminal", async () => {
    const session = await Session.start({ args: ["restore", server.url] });
    await session.answer("Words:", OTHER_WORDS);
    await session.shows(NOTHING_FOUND.slice(0, 60));
    expect(await session.ended).toBe(4);
    expect(session.text.replaceAll("\n", "")).toContain(NOTHING_FOUND);
  });

  it.each([
    ["other words", OTHER_WORDS],
    ["a raw seed", `${"00".repeat(15)}01`],
  ])("says so to a program: %s", async (_, words) => {
    const plain = await byWords(words, "restore", server.url);
    expect(plain).toEqual({ code: 4, stdout: "", stderr: `${NOTHING_FOUND}\n` });
    const json = await byWords(words, "restore", server.url, "--json");
    expect(json).toMatchObject({ code: 4, stdout: "" });
    expect(JSON.parse(json.stderr)).toEqual({
      error: { code: "ERR_CB_NO_WALLET", message: NOTHING_FOUND },
      exitCode: 4,
    });
  });

  it("says so of a passphrase that is another one", async () => {
    const session = await Session.start({ args: ["restore", server.url, "--passphrase"] });
    await session.answer("Words:", WORDS);
    await session.answer("Passphrase:", "TREZOR");
    await session.shows("This server has no backup for these words.");
    expect(await session.ended).toBe(4);
    expect(session.output).not.toContain("TREZOR");
  });

  it("leaves nothing behind that a later run would stumble over", async () => {
    const home = await temporaryFolder();
    const env = { HOME: home };
    await runPiped({ args: ["restore", server.url, "--seed-fd", "3"], descriptors: [OTHER_WORDS], env });
    const { code } = await runPiped({ args: ["restore", server.url, "--seed-fd", "3"], descriptors: [WORDS], env });
    expect(code).toBe(0);
  });
});

describe("what was found", () => {
  it("is shown to a program as JSON, and nothing else is", async () => {
    const { code, stdout, stderr } = await byWords(WORDS, "restore", server.url, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      revision: 2,
      gen: 2,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      device: expect.stringMatching(/^[0-9a-f]{32}$/),
      app: null,
      accounts: [
        {
          id: "mainnet/m/44'/0'/1'",
          name: "Savings",
          kind: "paired",
          network: "mainnet",
          path: "m/44'/0'/1'",
          script: "p2sh",
          external: 4,
          internal: 0,
        },
        {
          id: "mainnet/m/84'/0'/0'",
          name: "Spending",
          kind: "standard",
          network: "mainnet",
          path: "m/84'/0'/0'",
          script: "p2wpkh",
          external: 7,
          internal: 3,
        },
      ],
      pairings: [
        { id: "phone", name: "My phone", account: "mainnet/m/44'/0'/1'", network: "mainnet", keys: 4, pairedAt: null },
      ],
      sections: { accounts: 2, "acme.notes": null, labels: 1, pairings: 1 },
      file: null,
    });
  });

  it("is shown in a table without escapes where it goes into a pipe", async () => {
    const { stdout, stderr } = await byWords(WORDS, "restore", server.url);
    expect(stdout).toMatch(/^Name +Kind +Network +Path +Script +Next keys$/m);
    expect(stdout).toMatch(/^Savings +paired +mainnet +m\/44'\/0'\/1' +p2sh +4\/0$/m);
    expect(stdout + stderr).not.toContain("\u001b");
    // What the pairing shares with the other device is nobody's to see.
    expect(stdout).not.toContain("0909");
  });

  it("has colours where it goes to a terminal, none with NO_COLOR, and some in a pipe with FORCE_COLOR", async () => {
    const bold = "\u001b[1m2 accounts";
    const seen = async (env: Record<string, string>) => {
      const session = await Session.start({
        args: [],
        shell: `printf '%s' '${WORDS}' > words; $CLOUDBACKUP show --server ${server.url} --seed-fd 3 3< words`,
        env,
      });
      await session.ended;
      return session.output;
    };
    expect(await seen({})).toContain(bold);
    expect(await seen({ NO_COLOR: "1" })).not.toContain("\u001b[");
    const piped = { args: ["show", "--server", server.url, "--seed-fd", "3"], descriptors: [WORDS] };
    expect((await runPiped({ ...piped, env: { FORCE_COLOR: "1" } })).stdout).toContain(bold);
    expect((await runPiped(piped)).stdout).not.toContain("\u001b[");
  });

  it("may be an older revision, from which nothing goes on", async () => {
    const folder = await temporaryFolder();
    const home = await temporaryFolder();
    const start = { descriptors: [WORDS], cwd: folder, env: { HOME: home } };
    const older = await runPiped({
      ...start,
      args: ["restore", server.url, "--revision", "1", "--out", "older.json", "--seed-fd", "3"],
    });
    expect(older.code).toBe(0);
    expect(parseDumpJson(await readFile(join(folder, "older.json"), "utf8")).accounts[1]?.name).toBe("Older");
    const backup = await runPiped({ ...start, args: ["backup", "older.json", "--seed-fd", "3", "--json"] });
    expect(backup.code).toBe(9);
    expect(JSON.parse(backup.stderr)).toMatchObject({ error: { code: "ERR_CB_RESTORE_FIRST", currentRevision: 2 } });
    const none = await runPiped({ ...start, args: ["restore", "--revision", "9", "--seed-fd", "3"] });
    expect(none.code).toBe(4);
    expect(none.stderr).toBe(`Server: ${server.url}/\nThe server does not keep revision 9\n`);
  });

  it("is not taken where another device has seen more", async () => {
    const less = await byWords(WORDS, "restore", server.url, "--min-gen", "3", "--json");
    expect(less).toMatchObject({ code: 10, stdout: "" });
    expect(JSON.parse(less.stderr)).toMatchObject({ error: { code: "ERR_CB_WENT_BACK" } });
    const { code, stdout } = await byWords(WORDS, "restore", server.url, "--min-gen", "2");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Revision 2, generation 2, written \d{4}-\d\d-\d\d \d\d:\d\d UTC by an unnamed program on device [0-9a-f]{8}$/m,
    );
  });

  it("is written whole, and never over a file without --force", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "wallet.json"), "mine");
    const start = { descriptors: [WORDS], cwd: folder };
    const args = ["restore", server.url, "--out", "wallet.json", "--seed-fd", "3"];
    const refused = await runPiped({ ...start, args });
    expect(refused).toMatchObject({ code: 3, stdout: "" });
    expect(refused.stderr).toContain("--force");
    expect(await readFile(join(folder, "wallet.json"), "utf8")).toBe("mine");
    expect(await runPiped({ ...start, args: [...args, "--force"] })).toMatchObject({ code: 0 });
    expect(parseDumpJson(await readFile(join(folder, "wallet.json"), "utf8")).accounts).toHaveLength(2);
    expect(await readdir(folder)).toEqual(["wallet.json"]);
  });

  it("goes to standard output as text where a format is asked for, also to a reader that stops", async () => {
    const { stdout } = await byWords(WORDS, "show", "--server", server.url, "--format", "json");
    expect(parseDumpJson(stdout).accounts).toHaveLength(2);
    const session = await Session.start({
      args: [],
      shell: `printf '%s' '${WORDS}' > words; $CLOUDBACKUP show --server ${server.url} --format json --seed-fd 3 3< words | head -c 20; echo; echo done`,
    });
    await session.shows('"format": "cloud');
    await session.shows("done");
    expect(session.text).not.toContain("EPIPE");
  });
});

it("text of a dump steers no terminal", async () => {
  const hostile = "\u001b]0;pwned\u0007\u001b[2J\u009b31mEvil\u202e\u200b\ntwo";
  const evil = await startServer({ activation: "none" });
  await backedUp(evil, [
    {
      ...renamed(hostile),
      "acme.evil": [],
      pairings: dump.pairings.map((pairing) => ({ ...pairing, name: hostile })),
    },
  ]);
  const session = await Session.start({ args: ["restore", evil.url], env: { NO_COLOR: "1" } });
  await session.answer("Words:", WORDS);
  await session.shows("\\u{1b}]0;pwned\\u{7}\\u{1b}[2J\\u{9b}31mEvil\\u{202e}\\u{200b}\\u{a}two");
  await session.answer("Save it as", "");
  await session.ended;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of it may come through
  expect(session.output).not.toMatch(/\u001b\]|\u0007|\u009b|\u202e|\u200b|\u001b\[2J/);
});

describe("what goes wrong on the way", () => {
  it("is a server that cannot be reached", async () => {
    const { code, stdout, stderr } = await byWords(WORDS, "restore", "http://127.0.0.1:9");
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr).toContain("cannot be reached");
  });

  it("is a server that is none", async () => {
    const portal = createHttpServer((_, response) => response.end("<h1>\u001b[2JWelcome to our Wi-Fi</h1>"));
    await new Promise<void>((resolve) => portal.listen(0, "127.0.0.1", resolve));
    const { port } = portal.address() as AddressInfo;
    const { code, stderr } = await byWords(WORDS, "restore", `http://127.0.0.1:${port}`);
    portal.close();
    expect(code).toBe(5);
    expect(stderr).not.toContain("\u001b");
    expect((await byWords(WORDS, "restore", `${server.url}/nowhere`)).code).toBe(6);
  });

  it.each([
    ["http elsewhere", ["http://backup.example"], "--allow-insecure"],
    ["no URL", ["https://"], "absolute URL"],
    ["a password in it", ["https://a:b@backup.example"], "username"],
    ["two servers", ["https://a.example", "--server", "https://b.example"], "once"],
  ])("is %s", async (_, args, hint) => {
    const { code, stderr } = await byWords(WORDS, "restore", ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(hint);
  });

  it.each([
    ["an unknown word", WORDS.replace("sausage", "sausige"), /^Word 6 is not in/],
    ["a checksum", WORDS.replace("yellow", "zoo"), /checksum/],
    ["too few", "legal winner", /12, 15, 18, 21 or 24/],
    ["nothing", "", /./],
  ])("is what is no mnemonic: %s", async (_, words, message) => {
    const { code, stdout, stderr } = await byWords(words, "restore", server.url);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(message);
    for (const word of words.split(" ").filter((each) => each.length > 4)) expect(stderr).not.toContain(word);
  });
});
