import { describe, expect, it } from "vitest";
import { checkMnemonic } from "../../../src/seed/check-mnemonic.ts";
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeed } from "../../../src/seed/mnemonic.ts";
import { type MnemonicLanguage, wordlists } from "../../../src/seed/wordlists.ts";

const twelve = `${"abandon ".repeat(11)}about`;
const check = (typed: string) => checkMnemonic(typed, { wordlists });

describe("tells the language", () => {
  it.each<[language: MnemonicLanguage, others: MnemonicLanguage[]]>([
    ["english", []],
    ["japanese", []],
    ["korean", []],
    ["spanish", []],
    ["chinese-simplified", []],
    ["chinese-traditional", []],
    ["french", []],
    ["italian", []],
    ["czech", []],
    ["portuguese", []],
  ])("%s", (language, others) => {
    const entropy = Uint8Array.from({ length: 32 }, (_, i) => 37 * i + 11);
    const mnemonic = entropyToMnemonic(entropy, { wordlist: wordlists[language] });
    expect(check(mnemonic)).toEqual({
      ok: true,
      mnemonic: mnemonic.replaceAll("\u3000", " "),
      languages: [language, ...others],
    });
    expect(mnemonicToEntropy(mnemonic, { wordlists })).toEqual(entropy);
  });

  it("of words that both Chinese lists have at the same place: one seed, one entropy", async () => {
    expect(check("的的的的的的的的的的的在")).toEqual({
      ok: true,
      mnemonic: "的 的 的 的 的 的 的 的 的 的 的 在",
      languages: ["chinese-simplified", "chinese-traditional"],
    });
    expect(mnemonicToEntropy("的的的的的的的的的的的在", { wordlists })).toEqual(new Uint8Array(16));
  });

  it("of words that English and French share by the checksum, else both: the seed is the same, the entropy is not", async () => {
    const shared = wordlists.english.filter((word) => wordlists.french.includes(word));
    expect(shared).toHaveLength(100);
    const start = shared.slice(0, 11).join(" ");
    const inOne = shared.map((last) => `${start} ${last}`).map(check);
    const languages = inOne.map((result) => (result.ok ? result.languages.join() : result.problem));
    for (const outcome of ["english", "french", "checksum"]) expect(languages).toContain(outcome);

    const both = shared
      .flatMap((first) => shared.map((last) => `${first} ${shared.slice(1, 11).join(" ")} ${last}`))
      .find((mnemonic) => (check(mnemonic) as { languages: string[] }).languages.length === 2 && check(mnemonic).ok);
    expect(check(both as string)).toMatchObject({ ok: true, languages: ["english", "french"] });
    expect(await mnemonicToSeed(both as string, { wordlists })).toEqual(await mnemonicToSeed(both as string));
    expect(() => mnemonicToEntropy(both as string, { wordlists })).toThrow(/more than one language/);
    expect(mnemonicToEntropy(both as string, { wordlist: wordlists.english })).toHaveLength(16);
  });

  it("by the words as they were typed, where accents would make another language right", () => {
    // English words that French has with an accent.
    const alike = wordlists.english.filter((word) =>
      wordlists.french.some((other) => other !== word && other.replace(/[\u0300-\u036f]/g, "") === word),
    );
    expect(alike.length).toBeGreaterThan(20);
    for (const last of alike) {
      const result = check(`${alike.slice(0, 11).join(" ")} ${last}`);
      if (result.ok) expect(result.languages).toEqual(["english"]);
      else expect(result).toMatchObject({ problem: "checksum", languages: ["english"] });
    }
  });
});

describe("accents", () => {
  it.each<MnemonicLanguage>(["spanish", "french"])("may be left out or be others, in %s", async (language) => {
    const wordlist = wordlists[language];
    const accented = wordlist.filter((word) => /[\u0300-\u036f]/.test(word));
    expect(accented.length).toBeGreaterThan(300);
    const start = accented.slice(0, 11);
    const last = wordlist.find((word) => checkMnemonic([...start, word].join(" "), { wordlists: { wordlist } }).ok);
    const mnemonic = [...start, last].join(" ");
    for (const typed of [
      mnemonic.normalize("NFC"),
      mnemonic.replace(/[\u0300-\u036f]/g, ""),
      mnemonic.replace(/[\u0300-\u036f]/g, "\u0302").toUpperCase(),
    ]) {
      expect(check(typed)).toEqual({ ok: true, mnemonic, languages: [language] });
      expect(await mnemonicToSeed(typed, { wordlists })).toEqual(await mnemonicToSeed(mnemonic, { wordlist }));
    }
  });

  it("may be those that a keyboard puts into English, ligatures, and the i of Turkish", () => {
    const typed = ["İmage", "ımage", "IMAGE", "ímage", "image", "image"].join(" ");
    expect(checkMnemonic(`${typed} ${typed}`)).toMatchObject({ problem: "checksum" });
    const french = `${"moelleux ".repeat(11)}`;
    const last = wordlists.french.find((word) => check(french + word).ok);
    const right = { ok: true, mnemonic: french + last, languages: ["french"] };
    expect(check(`${"Mœlleux ".repeat(11)}${last}`)).toEqual(right);
    expect(check("AÉRONEF ".repeat(12))).toEqual(check("æronef ".repeat(12)));
    expect(check("æronef ".repeat(12))).toMatchObject({ problem: "checksum", languages: ["french"] });
  });

  it("of Japanese make other letters, and count", () => {
    const result = check(`${"あいこくしん ".repeat(11)}あおそら`);
    expect(result).toMatchObject({ problem: "unknown-word", position: 12, languages: ["japanese"] });
  });

  it("are refused where two languages would be right with them, and would mean another seed each", () => {
    const accented = [...wordlists.english];
    accented[0] = "ábandon";
    const result = checkMnemonic(twelve.replaceAll("abandon", "abandôn"), {
      wordlists: { english: wordlists.english, accented },
    });
    expect(result).toEqual({ ok: false, problem: "ambiguous", count: 12, languages: ["english", "accented"] });
  });
});

describe("says what is wrong", () => {
  it("in the number of words, with the first unknown one", () => {
    expect(check("")).toEqual({ ok: false, problem: "word-count", count: 0, languages: [] });
    expect(check("zoo wrong")).toEqual({ ok: false, problem: "word-count", count: 2, languages: ["english"] });
    expect(check("zoo wrnog abandon")).toEqual({
      ok: false,
      problem: "word-count",
      count: 3,
      position: 2,
      nearest: expect.arrayContaining(["wrong"]),
      languages: ["english"],
    });
    expect(check("zoo ".repeat(25))).toEqual({ ok: false, problem: "word-count", count: 25, languages: ["english"] });
    expect(check(`${"zoo ".repeat(24)}zop`)).toEqual({
      ok: false,
      problem: "word-count",
      count: 25,
      languages: ["english"],
    });
    expect(check("zoo ".repeat(100_000))).toMatchObject({ problem: "word-count", count: 100_000 });
  });

  it("in a word, where it stands, and which are the nearest", () => {
    expect(checkMnemonic(twelve.replace("about", "abuot"))).toEqual({
      ok: false,
      problem: "unknown-word",
      count: 12,
      position: 12,
      nearest: expect.arrayContaining(["about"]),
      languages: ["english"],
    });
  });

  it("in an abbreviation, which is not taken for its word", () => {
    const short = `${"aban ".repeat(11)}abou`;
    const result = checkMnemonic(short);
    expect(result).toMatchObject({ ok: false, problem: "unknown-word", position: 1 });
    expect(result).toHaveProperty("nearest.0", "abandon");
  });

  it("in words of no language: nearest in all of them", () => {
    expect(check("abandn ".repeat(12))).toMatchObject({ problem: "unknown-word", position: 1, languages: [] });
    expect(check("abandn ".repeat(12))).toHaveProperty("nearest.0", "abandon");
    expect(check("пароль ".repeat(12))).toMatchObject({ problem: "unknown-word", nearest: [], languages: [] });
  });

  it("in words of two languages: those of the language that has more of them", () => {
    const mixed = `${"zoo ".repeat(7)}${"abaisser ".repeat(5)}`;
    expect(check(mixed)).toMatchObject({ problem: "unknown-word", position: 8, languages: ["english"] });
    // As many of both: of that which goes on the furthest, whichever list comes first.
    const half = `${"zoo ".repeat(6)}${"abaisser ".repeat(6)}`;
    for (const order of [wordlists, { french: wordlists.french, english: wordlists.english }]) {
      const result = checkMnemonic(half, { wordlists: order });
      expect(result).toMatchObject({ problem: "unknown-word", position: 7, languages: ["english"] });
    }
  });

  it("in the checksum", () => {
    expect(check("zoo ".repeat(12))).toEqual({ ok: false, problem: "checksum", count: 12, languages: ["english"] });
    // A word of both.
    expect(check("abandon ".repeat(12))).toMatchObject({ problem: "checksum", languages: ["english", "french"] });
  });

  it("in numbers beside the words", () => {
    expect(check(`1. ${twelve}`)).toEqual({ ok: false, problem: "numbering", count: 12, languages: ["english"] });
  });

  it("with the number that stands before the word, where numbers do", () => {
    const words = twelve.replace("about", "abuot").split(" ");
    const numbered = words.map((word, at) => `${at + 1}. ${word}`);
    expect(check([...numbered].reverse().join("\n"))).toMatchObject({ problem: "unknown-word", position: 12 });
    expect(check([...numbered].reverse().join("\n").replace("abuot", "about"))).toMatchObject({
      ok: true,
      mnemonic: twelve,
    });
  });
});

it("asks English alone by default", () => {
  expect(checkMnemonic(twelve)).toEqual({ ok: true, mnemonic: twelve, languages: ["english"] });
  expect(checkMnemonic("abaisser ".repeat(12))).toMatchObject({ problem: "unknown-word" });
});

it.each([
  ["a typed that is no text", [twelve.split(" ")]],
  ["an unknown option", [twelve, { wordlist: wordlists.english }]],
  ["no lists", [twelve, { wordlists: {} }]],
  ["lists that are null", [twelve, { wordlists: null }]],
  ["a list that is short", [twelve, { wordlists: { english: ["abandon"] } }]],
])("%s is a programmer's mistake", (_, given) => {
  expect(() => checkMnemonic(...(given as Parameters<typeof checkMnemonic>))).toThrow(TypeError);
});
