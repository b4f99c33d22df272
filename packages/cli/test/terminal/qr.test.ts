import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDumpJson } from "@cloudbackup/core/interchange";
import { parseSeedQr } from "@cloudbackup/core/seed";
import { readQrFrame, readQrPicture, seedQrPng } from "@cloudbackup/core/seed/picture";
import { wordlist as spanish } from "@cloudbackup/core/seed/wordlists/spanish";
import { encode } from "fast-png";
import { encodeQR } from "qr";
import { beforeAll, describe, expect, it } from "vitest";
import { dump, WORDS } from "../support/dumps.ts";
import { runPiped, Session, temporaryFolder } from "../support/program.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { backedUp } from "../support/wallet.ts";

const SPANISH = "ábaco ábaco ábaco ábaco ábaco ábaco ábaco ábaco ábaco ábaco ábaco abierto";
const OWN_SCREEN = "\u001b[?1049h";
const FORMER_SCREEN = "\u001b[?1049l";

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(join(folder, "seed.png"), seedQrPng(WORDS));
  await writeFile(join(folder, "compact.png"), seedQrPng(WORDS, { compact: true }));
  await writeFile(join(folder, "spanish.png"), seedQrPng(SPANISH, { wordlist: spanish }));
  await writeFile(join(folder, "half.png"), seedQrPng(WORDS).slice(0, 300));
  await writeFile(join(folder, "words.txt"), WORDS);
  await writeFile(join(folder, "words.png"), codeOf(WORDS));
  await writeFile(join(folder, "paper.png"), codeOf(`Seed=${"7f".repeat(16)}&Time=1404172800`));
  await writeFile(join(folder, "link.png"), codeOf("https://secret.example/0123456789"));
  await writeFile(join(folder, "blank.png"), pngOf(Array<boolean[]>(10).fill(Array<boolean>(10).fill(false))));
});

/** In the folder of the pictures. */
const run = (...args: string[]) => runPiped({ args, cwd: folder });

/** A picture of squares of four pixels each; true is dark. */
function pngOf(modules: readonly (readonly boolean[])[]): Uint8Array {
  const side = modules.length * 4;
  const isDark = (i: number) => modules[Math.floor(i / side / 4)]?.[Math.floor((i % side) / 4)];
  const data = Uint8Array.from({ length: side * side }, (_, i) => (isDark(i) ? 0 : 255));
  return encode({ width: side, height: side, data, channels: 1, depth: 8 });
}

/** A code of text that the program does not write. */
const codeOf = (text: string) => pngOf(encodeQR(text, "raw", { border: 4 }));

/** What a camera in front of the terminal sees: a pixel of four by four for each half of a character. */
function lookAt(text: string): Uint8Array {
  const lines = text.split("\n").filter((line) => /^[ ▀▄█]{20,}$/u.test(line));
  const halves = lines.flatMap((line) => [
    [...line].map((character) => "▀█".includes(character)),
    [...line].map((character) => "▄█".includes(character)),
  ]);
  const [width, height] = [(halves[0]?.length ?? 0) * 4, halves.length * 4];
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) {
    const isLight = halves[Math.floor(i / width / 4)]?.[Math.floor((i % width) / 4)];
    if (!isLight) data.fill(0, i * 4, i * 4 + 3);
  }
  return readQrFrame({ width, height, data });
}

describe("cloudbackup seed check --qr", () => {
  it.each(["seed.png", "compact.png"])("reads %s", async (picture) => {
    const checked = await run("seed", "check", "--qr", picture);
    expect(checked).toEqual({ code: 0, stdout: "These 12 words are valid (english).\n", stderr: "" });
  });

  it("reads words, and a paper wallet with its time", async () => {
    expect(await run("seed", "check", "--qr", "words.png")).toMatchObject({ code: 0 });
    const paper = await run("seed", "check", "--qr", "paper.png");
    expect(paper.stdout).toBe("These 12 words are valid (english).\nThe wallet was made on 2014-07-01.\n");
    const json = await run("seed", "check", "--qr", "paper.png", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ words: 12, madeAt: "2014-07-01T00:00:00.000Z" });
  });

  it("takes digits for words of the language that is named", async () => {
    const checked = await run("seed", "check", "--qr", "spanish.png", "--language", "spanish");
    expect(checked.stdout).toBe("These 12 words are valid (spanish).\n");
  });

  it.each([
    { picture: "half.png", code: "ERR_CB_UNREADABLE_PICTURE" },
    { picture: "words.txt", code: "ERR_CB_UNREADABLE_PICTURE" },
    { picture: "link.png", code: "ERR_CB_INVALID_SEED_QR" },
    { picture: "blank.png", code: "ERR_CB_NO_QR_CODE" },
    { picture: "missing.png", code: "ERR_CB_FILE" },
  ])("says what is wrong with $picture, and nothing of what it holds", async ({ picture, code }) => {
    const { code: exitCode, stdout, stderr } = await run("seed", "check", "--qr", picture, "--json");
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
    expect(JSON.parse(stderr).error.code).toBe(code);
    expect(stderr).not.toContain("secret");
    expect(stderr).not.toContain("legal");
  });

  it("is not given together with another way", async () => {
    const { code, stderr } = await run("seed", "check", "--qr", "seed.png", "--seed-fd", "3");
    expect(code).toBe(2);
    expect(stderr).toContain("Give one of --qr, --seed-fd");
  });
});

describe("cloudbackup restore --qr", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ activation: "none" });
    await backedUp(server, [dump]);
  });

  it.each(["seed.png", "compact.png"])("gets the wallet back from %s alone", async (picture) => {
    const cwd = await temporaryFolder();
    const session = await Session.start({
      args: ["restore", server.url, "--qr", join(folder, picture), "--out", "wallet.json"],
      cwd,
    });
    await session.shows("Saved as wallet.json");
    expect(await session.ended).toBe(0);
    // In the order of their ids.
    const sorted = { ...dump, accounts: dump.accounts.toReversed() };
    expect(parseDumpJson(await readFile(join(cwd, "wallet.json"), "utf8"))).toEqual(sorted);
  });

  it("asks for a passphrase where it is told to", async () => {
    const session = await Session.start({
      args: ["restore", server.url, "--qr", join(folder, "seed.png"), "--passphrase"],
    });
    await session.answer("Passphrase:", "TREZOR");
    await session.shows("This server has no backup for these words.");
    expect(await session.ended).toBe(4);
  });
});

describe("cloudbackup seed qr", () => {
  it.each([
    { args: [], format: "seedqr", env: {} },
    { args: ["--compact"], format: "compact-seedqr", env: {} },
    { args: ["--compact"], format: "compact-seedqr", env: { NO_COLOR: "1" } },
  ])("shows a code that is read from the terminal, until Enter: $format $env", async ({ args, format, env }) => {
    const session = await Session.start({ args: ["seed", "qr", ...args], env });
    await session.answer("Words:", WORDS);
    await session.shows("Who sees this has the coins.");
    await session.shows("Press Enter, and it is gone:");
    expect(parseSeedQr(lookAt(session.text))).toMatchObject({ format, mnemonic: WORDS });
    session.enter("");
    expect(await session.ended).toBe(0);
    const [before = "", own = ""] = session.output.split(OWN_SCREEN);
    const [code = "", after = ""] = own.split(FORMER_SCREEN);
    expect(code).toContain("█");
    expect(code.includes("\u001b[97m")).toBe(!("NO_COLOR" in env));
    for (const screen of [before, after]) expect(screen).not.toMatch(/[▀▄█]/u);
    for (const word of WORDS.split(" ")) expect(session.output).not.toContain(word);
  });

  it("fits into a small window", async () => {
    const words = `${"abandon ".repeat(23)}art`;
    const session = await Session.start({ args: ["seed", "qr"] });
    await session.answer("Words:", words);
    await session.shows("Press Enter");
    const screen = session.text.split("\n").filter((line) => /[▀▄█]/u.test(line));
    expect(screen.length).toBeLessThanOrEqual(21);
    for (const line of screen) expect(line.length).toBeLessThanOrEqual(80);
    expect(parseSeedQr(lookAt(session.text)).mnemonic).toBe(words);
    session.interrupt();
    expect(await session.ended).toBe(130);
    expect(session.output).toContain(FORMER_SCREEN);
  });

  it.each(["code.png", "code.svg", "CODE.PNG"])("draws %s for its owner alone, and replaces none", async (name) => {
    const cwd = await temporaryFolder();
    const made = await runPiped({
      args: ["seed", "qr", "--qr", join(folder, "seed.png"), "--compact", "--out", name],
      cwd,
    });
    expect(made).toEqual({ code: 0, stdout: `The code is in ${name}. It holds the whole seed.\n`, stderr: "" });
    const file = join(cwd, name);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const drawn = await readFile(file);
    if (name.endsWith("svg")) expect(drawn.toString()).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    else expect(parseSeedQr(readQrPicture(drawn))).toMatchObject({ format: "compact-seedqr", mnemonic: WORDS });

    const again = await runPiped({ args: ["seed", "qr", "--qr", join(folder, "seed.png"), "--out", name], cwd });
    expect(again).toMatchObject({ code: 3, stdout: "", stderr: expect.stringContaining("is there already") });
    expect(await readFile(file)).toEqual(drawn);
    const forced = await runPiped({
      args: ["seed", "qr", "--qr", join(folder, "seed.png"), "--out", name, "--force"],
      cwd,
    });
    expect(forced).toMatchObject({ code: 0 });
    expect(await readFile(file)).not.toEqual(drawn);
  });

  it("gives a program what the code holds, and a drawing", async () => {
    const standard = JSON.parse((await run("seed", "qr", "--qr", "seed.png", "--json")).stdout);
    expect(parseSeedQr(standard.payload)).toMatchObject({ format: "seedqr", mnemonic: WORDS });
    expect(standard).toMatchObject({ format: "seedqr", svg: expect.stringMatching(/^<svg /) });
    const compact = JSON.parse((await run("seed", "qr", "--qr", "seed.png", "--compact", "--json")).stdout);
    expect(compact).toMatchObject({ format: "compact-seedqr", payload: "7f".repeat(16) });
  });

  it("warns that no code says its language", async () => {
    const made = await run("seed", "qr", "--qr", "spanish.png", "--language", "spanish", "--out", "again.png");
    expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining("--qr with --language spanish") });
    expect(await readFile(join(folder, "again.png"))).toEqual(await readFile(join(folder, "spanish.png")));
  });

  it("refuses other names, and shows nothing where no person sits", async () => {
    expect(await run("seed", "qr", "--qr", "seed.png", "--out", "code.jpg")).toMatchObject({ code: 2, stdout: "" });
    expect(await run("seed", "qr", "--qr", "seed.png")).toMatchObject({ code: 2, stdout: "" });
    expect(await run("seed", "qr", "--qr", "seed.png", "--force")).toMatchObject({ code: 2, stdout: "" });
  });
});
