import { describe, expect, it } from "vitest";
import { runPiped, Session } from "../support/program.ts";

const WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow";

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
