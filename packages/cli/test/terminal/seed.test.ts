import { describe, expect, it } from "vitest";
import { WORDS } from "../support/dumps.ts";
import { runPiped, Session } from "../support/program.ts";

describe("cloudbackup seed check", () => {
  it("asks without showing what is typed", async () => {
    const session = await Session.start({ args: ["seed", "check"] });
    await session.answer("Words:", WORDS);
    await session.shows("These 12 words are valid (english).");
    expect(await session.ended).toBe(0);
    for (const word of WORDS.split(" ")) expect(session.output).not.toContain(word);
  });

  it("names a wrong word by its position, offers others, and asks for it alone", async () => {
    const session = await Session.start({ args: ["seed", "check"] });
    await session.answer("Words:", WORDS.replace("sausage", "sausige"));
    await session.shows("Word 6 is in no word list. Near it: sausage.");
    await session.answer("Word 6 again", "sausage");
    await session.shows("These 12 words are valid (english).");
    expect(await session.ended).toBe(0);
    expect(session.output).not.toContain("sausige");
  });

  it("asks for the rest where words are missing, and begins again at Enter alone", async () => {
    const session = await Session.start({ args: ["seed", "check"] });
    const words = WORDS.split(" ");
    await session.answer("Words:", words.slice(0, 5).join(" "));
    await session.shows("Those are 5 words; a mnemonic has 12, 15, 18, 21 or 24.");
    await session.answer("The words after them", words.slice(5, 11).join(" "));
    await session.answer("The words after them", "");
    await session.answer("Words:", words.toReversed().join(" "));
    await session.shows("do not belong together");
    await session.answer("The words after them", "");
    await session.answer("Words:", WORDS);
    await session.shows("These 12 words are valid (english).");
    expect(await session.ended).toBe(0);
    expect(session.output).not.toContain("sausage");
  });

  it("takes words in several lines", async () => {
    const session = await Session.start({ args: ["seed", "check"] });
    await session.shows("Words:");
    session.enter(WORDS.replaceAll(" ", "\r"));
    await session.shows("These 12 words are valid (english).");
    expect(await session.ended).toBe(0);
    expect(session.output).not.toContain("sausage");
  });

  it("ends at Ctrl-C", async () => {
    const session = await Session.start({ args: ["seed", "check"] });
    await session.shows("Words:");
    session.type(WORDS.slice(0, 20));
    session.interrupt();
    expect(await session.ended).toBe(130);
    expect(session.output).not.toContain("legal");
  });

  it("reads a file descriptor", async () => {
    const valid = await runPiped({ args: ["seed", "check", "--seed-fd", "3"], descriptors: [`${WORDS}\n`] });
    expect(valid).toEqual({ code: 0, stdout: "These 12 words are valid (english).\n", stderr: "" });
    const json = await runPiped({ args: ["seed", "check", "--seed-fd", "3", "--json"], descriptors: [WORDS] });
    expect(JSON.parse(json.stdout)).toMatchObject({ valid: true, words: 12 });
    const wrong = await runPiped({ args: ["seed", "check", "--seed-fd", "3"], descriptors: [`${WORDS} zoo`] });
    expect(wrong.code).toBe(3);
    expect(wrong.stdout).toBe("");
  });

  it("says that it needs a terminal where there is none", async () => {
    const { code, stderr } = await runPiped({ args: ["seed", "check"], input: WORDS });
    expect(code).toBe(2);
    expect(stderr).toContain("--seed-fd");
  });
});

describe("cloudbackup seed new", () => {
  it("shows words on a screen of their own, asks for some of them, and keeps them nowhere", async () => {
    const session = await Session.start({ args: ["seed", "new", "--words", "12"] });
    await session.shows("Write these words down");
    await session.shows("Press Enter");
    const words = wordsShown(session.text);
    expect(words).toHaveLength(12);
    const own = session.output.indexOf("\u001b[?1049h");
    expect(own).toBeGreaterThanOrEqual(0);
    session.enter("");
    let position = 0;
    for (let asked = 0; asked < 3; asked++) {
      await session.shows(new RegExp(`To be sure, word (?!${position}:)\\d+: *$`));
      position = Number(/word (\d+): *$/.exec(session.text)?.[1]);
      if (asked === 0) {
        session.enter("nonsense");
        await session.shows("That is not it.");
        session.type("\u0015"); // Ctrl-U
      }
      session.enter(words[position - 1] as string);
    }
    await session.shows("These 12 words are a new seed");
    expect(await session.ended).toBe(0);
    const left = session.output.slice(session.output.indexOf("\u001b[?1049l"));
    for (const word of words.filter((each) => each.length > 5)) expect(left).not.toContain(word);

    const check = await runPiped({ args: ["seed", "check", "--seed-fd", "3"], descriptors: [words.join(" ")] });
    expect(check).toMatchObject({ code: 0 });
  });

  it.each([
    ["24", "english"],
    ["12", "japanese"],
    ["15", "spanish"],
  ])("gives a program %s words, %s", async (words, language) => {
    const made = await runPiped({ args: ["seed", "new", "--words", words, "--language", language, "--json"] });
    expect(made).toMatchObject({ code: 0, stderr: "" });
    const { mnemonic, ...rest } = JSON.parse(made.stdout);
    expect(rest).toEqual({ words: Number(words), language });
    const check = await runPiped({ args: ["seed", "check", "--seed-fd", "3", "--json"], descriptors: [mnemonic] });
    expect(JSON.parse(check.stdout)).toEqual({
      valid: true,
      words: Number(words),
      languages: [language],
      madeAt: null,
    });
    expect((await runPiped({ args: ["seed", "new", "--json"] })).stdout).not.toContain(mnemonic);
  });

  it("shows nothing where no person sits", async () => {
    expect(await runPiped({ args: ["seed", "new"] })).toMatchObject({ code: 2, stdout: "" });
  });
});

/** In the order of their numbers. */
function wordsShown(text: string): string[] {
  const numbered = [...text.matchAll(/(\d+)\. (\S+)/g)].map(([, n, word]) => [Number(n), word as string] as const);
  return numbered.sort(([a], [b]) => a - b).map(([, word]) => word);
}
