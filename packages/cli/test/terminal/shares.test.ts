import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, createClient } from "@cloudbackup/client";
import { formatDumpJson, parseDumpJson } from "@cloudbackup/core/interchange";
import {
  combineShares,
  entropyToMnemonic,
  mnemonicToEntropy,
  mnemonicToSeed,
  splitSecret,
} from "@cloudbackup/core/seed";
import { describe, expect, it } from "vitest";
import { dump, WORDS } from "../support/dumps.ts";
import { runPiped, Session, temporaryFolder } from "../support/program.ts";
import { startServer } from "../support/server.ts";

/** Of python-shamir-mnemonic's vectors, under the passphrase TREZOR. */
const ONE =
  "shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue view short owner flip making coding armed";
const OTHER =
  "shadow pistol academic acid actress prayer class unknown daughter sweater depict flip twice unkind craft early superior advocate guest smoking";
const SECRET = "b43ceb7e57a0ea8766221624d01b0864";

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const entropy = new Uint8Array(32).fill(0x5a);
/** Three groups, of which two are needed. */
const groups = [
  { threshold: 1, count: 1 },
  { threshold: 2, count: 3 },
  { threshold: 2, count: 2 },
];
const split = (given: object = {}) => splitSecret({ secret: entropy, groups, groupThreshold: 2, random, ...given });

/** Nothing of what was typed stands on the terminal: no two words of it, since one may stand there for another reason. */
function expectHidden(session: Session, typed: readonly string[]): void {
  // What is to be written down is shown, on a screen of its own, and may have the same words.
  const [asked] = session.output.split("\u001b[?1049h");
  for (const text of typed) {
    const words = text.split(" ");
    for (let i = 0; i < Math.max(1, words.length - 1); i++)
      expect(asked).not.toContain(words.slice(i, i + 2).join(" "));
  }
}

describe("cloudbackup seed combine", () => {
  it("asks for share after share, says how many are missing, and shows what they give until Enter", async () => {
    const session = await Session.start({ args: ["seed", "combine", "--passphrase"] });
    await session.answer("First share:", ONE);
    await session.shows("1 of 2 shares.");
    await session.answer("Share 2 of 2:", OTHER.toUpperCase());
    await session.shows("2 of 2 shares. That is enough.");
    await session.answer("Passphrase of the shares:", "TREZOR");
    await session.shows("As words");
    await session.shows(SECRET);
    await session.answer("Press Enter, and it is gone:", "");
    await session.shows("The shares belong together.");
    expect(await session.ended).toBe(0);
    expectHidden(session, [ONE.split(" ")[6] as string, OTHER.split(" ")[9] as string, "TREZOR"]);
    // On a screen of its own, of which the terminal keeps nothing.
    const [before = "", own = ""] = session.output.split("\u001b[?1049h");
    expect(before).not.toContain(SECRET);
    expect(own.split("\u001b[?1049l")[0]).toContain(SECRET);
    expect(own.split("\u001b[?1049l")[1]).not.toContain(SECRET);
  });

  it("offers words for one that is unknown, and asks for it alone", async () => {
    const session = await Session.start({ args: ["seed", "combine"] });
    await session.answer("First share:", ONE.replace("cylinder", "cilinder"));
    await session.shows("Word 10 is not in the list of SLIP-39. Near it: cylinder.");
    await session.answer("Word 10 again", "cylinder");
    await session.shows("1 of 2 shares.");
    session.interrupt();
    expect(await session.ended).toBe(130);
    expectHidden(session, ["cilinder", "wildlife", "oasis"]);
  });

  it("says what is wrong with a share, and asks for it again", async () => {
    const [[foreign = ""] = []] = await split({
      secret: entropy.subarray(16),
      groups: [{ threshold: 2, count: 2 }],
      groupThreshold: 1,
    });
    const session = await Session.start({ args: ["seed", "combine"] });
    await session.answer("First share:", ONE.replace("fancy", "family"));
    await session.shows("All 20 words are known, but do not belong together");
    await session.answer("Enter alone: this share again", "");
    await session.answer("First share:", ONE);
    await session.answer("Share 2 of 2:", ONE);
    await session.shows("This share was entered before: number 3.");
    await session.answer("Share 2 of 2:", foreign);
    await session.shows("This share is of another set than those before it: it has another identifier.");
    await session.shows("If it is the first one that is wrong, begin again");
    await session.answer("Share 2 of 2:", OTHER);
    await session.shows("That is enough.");
    await session.answer("Press Enter", "");
    expect(await session.ended).toBe(0);
  });

  it("says of groups which are complete, and which need how many", async () => {
    const [[a = ""] = [], [b1 = "", , b3 = ""] = [], [c1 = ""] = []] = await split();
    const session = await Session.start({ args: ["seed", "combine"] });
    await session.answer("First share:", b3);
    await session.shows("Group 2: 1 of 2. 0 of 2 groups that are needed.");
    await session.answer("Next share:", c1);
    await session.shows("Group 2: 1 of 2. Group 3: 1 of 2. 0 of 2 groups that are needed.");
    await session.answer("Next share:", a);
    await session.shows("Group 1: 1 of 1, complete. Group 2: 1 of 2. Group 3: 1 of 2. 1 of 2 groups that are needed.");
    await session.answer("Next share:", b1);
    await session.shows("Group 2: 2 of 2, complete");
    await session.shows("2 of 2 groups that are needed. That is enough.");
    await session.shows("5a".repeat(32));
    await session.answer("Press Enter", "");
    expect(await session.ended).toBe(0);
  });

  it("takes shares in several lines, pasted or typed", async () => {
    const [[x = "", y = ""] = []] = await split({ groups: [{ threshold: 2, count: 2 }], groupThreshold: 1 });
    const lines = (share: string) =>
      share.split(" ").reduce((text, word, i) => `${text}${i % 4 === 0 ? "\r" : " "}${word}`);
    const session = await Session.start({ args: ["seed", "combine"] });
    await session.shows("First share:");
    // All of it at once, with the next share in the line after it.
    session.enter(`${lines(x)}\r${y.split(" ").slice(0, 20).join(" ")}`);
    await session.shows("1 of 2 shares.");
    await session.answer("The words after them", y.split(" ").slice(20).join(" "));
    await session.shows("That is enough.");
    await session.shows("5a".repeat(32));
    await session.answer("Press Enter", "");
    expect(await session.ended).toBe(0);
  });

  it("prints JSON for a program, while a person types", async () => {
    const cwd = await temporaryFolder();
    const shell = "$CLOUDBACKUP seed combine --json --language spanish > found.json";
    const session = await Session.start({ args: [], shell, cwd });
    await session.answer("First share:", ONE);
    await session.answer("Share 2 of 2:", OTHER);
    expect(await session.ended).toBe(0);
    const found = JSON.parse(await readFile(join(cwd, "found.json"), "utf8"));
    const secret = await combineShares([ONE, OTHER]);
    expect(found.secret).toBe(Buffer.from(secret).toString("hex"));
    expect(found.mnemonic).toMatch(/^[a-zñáéíóú]+( [a-zñáéíóú]+){11}$/);
    expect(session.output).not.toContain(found.secret);
  });

  it("writes a file for its owner alone, and replaces none", async () => {
    const cwd = await temporaryFolder();
    const session = await Session.start({ args: ["seed", "combine", "--out", "seed.txt"], cwd });
    await session.answer("First share:", ONE);
    await session.answer("Share 2 of 2:", OTHER);
    await session.shows("The seed is in seed.txt.");
    expect(await session.ended).toBe(0);
    const file = join(cwd, "seed.txt");
    const secret = await combineShares([ONE, OTHER]);
    const text = await readFile(file, "utf8");
    expect(text).toContain(Buffer.from(secret).toString("hex"));
    for (const word of entropyToMnemonic(secret).split(" ")) expect(text).toContain(word);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(session.output).not.toContain(Buffer.from(secret).toString("hex"));

    // It is said before anything is asked.
    const again = await Session.start({ args: ["seed", "combine", "--out", "seed.txt"], cwd });
    await again.shows("is there already");
    expect(await again.ended).toBe(3);
    expect(again.text).not.toContain("First share");
    expect(await readFile(file, "utf8")).toBe(text);
  });

  it("leaves nothing where it is interrupted", async () => {
    const cwd = await temporaryFolder();
    const session = await Session.start({ args: ["seed", "combine", "--out", "seed.txt"], cwd });
    await session.answer("First share:", ONE);
    await session.shows("1 of 2 shares.");
    session.type(OTHER.slice(0, 30));
    session.interrupt();
    expect(await session.ended).toBe(130);
    await expect(stat(join(cwd, "seed.txt"))).rejects.toThrow("ENOENT");
    expectHidden(session, [ONE, OTHER.slice(0, 30)]);
  });

  it("needs a terminal", async () => {
    const { code, stdout, stderr } = await runPiped({ args: ["seed", "combine"], input: `${ONE}\n${OTHER}\n` });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("there is no terminal");
  });
});

/** The words of the page that stands there. */
function pageOf(session: Session): string[] {
  const page = session.output.split("\u001b[?1049h").at(-1) ?? "";
  const words = [...page.matchAll(/(\d+)\. ([a-z]+)/g)].sort(([, a], [, b]) => Number(a) - Number(b));
  return words.map(([, , word]) => word as string);
}

/** Enter, then the words that are asked for. */
async function writeDown(session: Session, words: readonly string[]): Promise<void> {
  session.enter("");
  let position = 0;
  for (let i = 0; i < 3; i++) {
    // The question stands there again with every key.
    await session.shows(new RegExp(`To be sure, word (?!${position}:)\\d+:`));
    position = Number([...session.text.matchAll(/To be sure, word (\d+):/g)].at(-1)?.[1]);
    session.enter(words[position - 1] as string);
  }
}

describe("cloudbackup seed split", () => {
  it("shows share after share, each until it is written down, and asks for words of it", async () => {
    const session = await Session.start({ args: ["seed", "split", "2of3", "--shares-passphrase"] });
    await session.answer("Words:", WORDS);
    await session.answer("Passphrase of the shares:", "sésame");
    await session.shows("Letters without accents");
    // What was typed stands there, as dots.
    session.type("\u007f".repeat(6));
    session.enter("open sesame");
    await session.answer("Once more:", "open sesame");
    const shares: string[][] = [];
    for (let number = 1; number <= 3; number++) {
      await session.shows(`Share ${number}: 2 of 3 are needed`);
      await session.shows("Press Enter when they are written down");
      shares.push(pageOf(session));
      await writeDown(session, shares.at(-1) as string[]);
    }
    await session.shows("3 shares, and nothing else keeps them.");
    expect(await session.ended).toBe(0);
    const secret = await combineShares(
      [shares[2], shares[0]].map((words) => words?.join(" ") as string),
      {
        passphrase: "open sesame",
      },
    );
    expect(entropyToMnemonic(secret)).toBe(WORDS);
    expectHidden(session, [WORDS, "sesame"]);
    // Shares stand on their own screens alone.
    for (const screen of session.output.split("\u001b[?1049h").slice(1)) {
      const [, after = ""] = screen.split("\u001b[?1049l");
      for (const words of shares) expect(after).not.toContain(words.slice(0, 2).join(" "));
    }
  });

  it("goes on only with the words of the paper", async () => {
    const session = await Session.start({ args: ["seed", "split", "1of1"] });
    await session.answer("Words:", WORDS);
    await session.shows("Press Enter when they are written down");
    session.enter("");
    const words = pageOf(session);
    await session.answer(/To be sure, word \d+:/, "zebr");
    await session.shows("That is not it.");
    // A key that changes nothing of what is shown.
    session.type("a");
    session.enter("");
    await session.shows("That is not it.");
    const position = Number(/To be sure, word (\d+):/.exec(session.text)?.[1]);
    session.type("\u007f".repeat(5));
    session.enter(words[position - 1] as string);
    await session.shows(new RegExp(`To be sure, word (?!${position}:)\\d+:`));
    session.interrupt();
    expect(await session.ended).toBe(130);
  });

  it("prints JSON for a program", async () => {
    const { code, stdout } = await runPiped({
      args: ["seed", "split", "1of1", "2of3", "--groups", "2", "--json", "--seed-fd", "3"],
      descriptors: [WORDS],
    });
    expect(code).toBe(0);
    const { shares, ...layout } = JSON.parse(stdout);
    expect(layout).toEqual({
      groups: [
        { threshold: 1, count: 1 },
        { threshold: 2, count: 3 },
      ],
      groupThreshold: 2,
      language: "english",
    });
    const secret = await combineShares([shares[0][0], shares[1][2], shares[1][0]]);
    expect(secret).toEqual(mnemonicToEntropy(WORDS));
  });

  it("writes a file for its owner alone, and replaces one only by --force", async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, "taken.txt"), "mine");
    const args = ["seed", "split", "2of2", "--seed-fd", "3", "--out"];
    const refused = await runPiped({ args: [...args, "taken.txt"], descriptors: [WORDS], cwd });
    expect(refused).toMatchObject({ code: 3, stdout: "" });
    expect(await readFile(join(cwd, "taken.txt"), "utf8")).toBe("mine");
    const { code, stdout } = await runPiped({ args: [...args, "taken.txt", "--force"], descriptors: [WORDS], cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "2 shares are in taken.txt. It holds the whole seed.\n" });
    const text = await readFile(join(cwd, "taken.txt"), "utf8");
    expect((await stat(join(cwd, "taken.txt"))).mode & 0o777).toBe(0o600);
    const shares = text
      .split("Share")
      .slice(1)
      .map((sheet) => {
        const words = [...sheet.matchAll(/(\d+)\. ([a-z]+)/g)].sort(([, a], [, b]) => Number(a) - Number(b));
        return words.map(([, , word]) => word).join(" ");
      });
    expect(await combineShares(shares)).toEqual(mnemonicToEntropy(WORDS));
  });

  it("says that the language of other words is to be noted", async () => {
    const spanish = entropyToMnemonic(new Uint8Array(16).fill(7), {
      wordlist: (await import("@cloudbackup/core/seed/wordlists/spanish")).wordlist,
    });
    const { code, stderr } = await runPiped({
      args: ["seed", "split", "2of2", "--seed-fd", "3", "--out", "shares.txt"],
      descriptors: [spanish],
    });
    expect(code).toBe(0);
    expect(stderr).toContain("--language spanish");
  });

  it.each([
    { args: ["5of3"], says: "A layout is as 3of5" },
    { args: ["0of3"], says: "A layout is as 3of5" },
    { args: ["2of17"], says: "A layout is as 3of5" },
    { args: ["three"], says: "A layout is as 3of5" },
    { args: ["1of3"], says: "each share would be the whole" },
    { args: ["2of3", "2of3"], says: "--groups must say" },
    { args: ["2of3", "--groups", "2"], says: "--groups needs a number from 1 to that of the groups, 1" },
    { args: ["2of3", "2of3", "--groups", "0"], says: "--groups needs a number" },
    { args: [], says: "issing required argument" },
  ])("knows no layout $args, and asks for nothing", async ({ args, says }) => {
    const { code, stderr } = await runPiped({ args: ["seed", "split", ...args] });
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});

describe("--shares", () => {
  const login = { username: "hodler21", password: "correct horse battery staple" };

  /** A server with a user, and the wallets of these seeds. */
  async function serverWith(...seeds: Uint8Array[]): Promise<{ url: string; client: Client }> {
    const { url } = await startServer({ activation: "none" });
    const client = createClient({ url });
    await client.register({ ...login, email: "hodler21@example.org" });
    await client.signIn(login);
    for (const seed of seeds) {
      const wallet = await client.openWallet(seed);
      await wallet.backup(dump);
      wallet.close();
    }
    return { url, client };
  }

  const two = [{ threshold: 2, count: 3 }];
  const splitTwo = async (secret: Uint8Array, given: object = {}) =>
    (await splitSecret({ secret, groups: two, random, ...given }))[0] as string[];

  async function enter(session: Session, shares: readonly string[]): Promise<void> {
    await session.answer("First share:", shares[2] as string);
    await session.answer("Share 2 of 2:", shares[0] as string);
    await session.shows("That is enough.");
  }

  it("restores a wallet by shares of its words, and one by shares of its seed", async () => {
    const seed = random(32);
    const { url } = await serverWith(await mnemonicToSeed(WORDS), seed);
    for (const secret of [mnemonicToEntropy(WORDS), seed]) {
      const shares = await splitTwo(secret);
      const cwd = await temporaryFolder();
      const session = await Session.start({ args: ["restore", url, "--shares", "--out", "wallet.json"], cwd });
      await enter(session, shares);
      await session.shows("Saved as wallet.json");
      expect(await session.ended).toBe(0);
      const restored = parseDumpJson(await readFile(join(cwd, "wallet.json"), "utf8"));
      expect(restored.labels).toEqual(dump.labels);
      expectHidden(session, [shares[2] as string]);
    }
  });

  it("takes a passphrase for that of the shares, or for the 25th word", async () => {
    const { url } = await serverWith(
      await mnemonicToSeed(WORDS),
      await mnemonicToSeed(WORDS, { passphrase: "sésame" }),
    );
    for (const { passphrase, shares } of [
      { passphrase: "open sesame", shares: await splitTwo(mnemonicToEntropy(WORDS), { passphrase: "open sesame" }) },
      { passphrase: "sésame", shares: await splitTwo(mnemonicToEntropy(WORDS)) },
    ]) {
      const session = await Session.start({ args: ["show", "--server", url, "--shares", "--passphrase"] });
      await enter(session, shares);
      await session.answer("Passphrase:", passphrase);
      await session.shows("Revision 1");
      expect(await session.ended).toBe(0);
    }
  });

  it("says that there is no wallet where the passphrase is another one, and changes nothing", async () => {
    const { url, client } = await serverWith(await mnemonicToSeed(WORDS));
    const before = await client.wallets();
    const shares = await splitTwo(mnemonicToEntropy(WORDS), { passphrase: "right" });
    const session = await Session.start({ args: ["restore", url, "--shares", "--passphrase"] });
    await enter(session, shares);
    await session.answer("Passphrase:", "wrong");
    await session.shows("This server has no backup for these shares. The shares belong together.");
    await session.shows("Nothing has been changed.");
    expect(await session.ended).toBe(4);
    expect(await client.wallets()).toEqual(before);
  });

  it("makes no wallet, since shares do not say of what", async () => {
    const { url, client } = await serverWith();
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, "wallet.json"), formatDumpJson(dump));
    const args = ["backup", "wallet.json", "--server", url, "--shares", "--username", "hodler21"];
    const session = await Session.start({ args, cwd });
    await enter(session, await splitTwo(random(16)));
    await session.shows("cloudbackup seed combine shows both");
    expect(await session.ended).toBe(2);
    expect(await client.wallets()).toEqual([]);
  });

  it("is no way of giving words to who needs the words themselves", async () => {
    const { code, stderr } = await runPiped({ args: ["seed", "check", "--shares"] });
    expect(code).toBe(2);
    expect(stderr).toContain("nknown option '--shares'");
  });
});
