import { describe, expect, it } from "vitest";
import { nearestWords } from "../../../src/seed/nearest.ts";
import { type MnemonicLanguage, wordlists } from "../../../src/seed/wordlists.ts";
import { wordKey } from "../../../src/seed/words.ts";

const nearest = (typed: string, ...languages: MnemonicLanguage[]): string[] =>
  nearestWords(
    wordKey(typed),
    languages.map((language) => wordlists[language]),
  );

describe("offers first", () => {
  it.each<[why: string, typed: string, language: MnemonicLanguage, word: string]>([
    ["the word of an abbreviation", "aban", "english", "abandon"],
    ["a word that is not finished", "abando", "english", "abandon"],
    ["one letter too many", "abanddon", "english", "abandon"],
    ["one letter too few", "abndon", "english", "abandon"],
    ["another letter", "abendon", "english", "abandon"],
    ["two letters swapped", "abuot", "english", "about"],
    ["two letters swapped, before words with two others", "altre", "english", "alter"],
    ["two mistakes", "abbandn", "english", "abandon"],
    ["another ending, however long", "abandonments", "english", "abandon"],
    ["a short word", "zop", "english", "zoo"],
    ["an accent and another letter", "ábeco", "spanish", "ábaco"],
    ["one left out, and its accent", "abac", "spanish", "ábaco"],
    ["a cedilla that is not there", "abaicer", "french", "abaisser"],
    ["a Japanese letter", "あいこくしい", "japanese", "あいこくしん"],
    ["a Japanese voice mark", "あおそら", "japanese", "あおぞら"],
    ["Katakana", "アイコクシン", "japanese", "あいこくしん"],
    ["half-width Katakana", "ｱｲｺｸｼﾝ", "japanese", "あいこくしん"],
    ["a part of a Korean syllable", "가겨", "korean", "가격"],
    ["another part of one", "가껵", "korean", "가격"],
    ["Czech", "abdikase", "czech", "abdikace"],
    ["Italian", "abacco", "italian", "abaco"],
    ["Portuguese", "abacatte", "portuguese", "abacate"],
  ])("%s", (_, typed, language, word) => {
    expect(nearest(typed, language)[0]).toBe(wordKey(word));
  });
});

it("offers 5 at most, of all lists together, each once", () => {
  const words = nearest("anim", "english", "french", "spanish");
  expect(words).toHaveLength(5);
  expect(new Set(words).size).toBe(5);
  expect(words).toContain("animal"); // a word of English and of French
  expect(nearest("丌", "chinese-simplified", "chinese-traditional")).toEqual([]);
});

it("offers words that were begun before those with another letter", () => {
  expect(nearest("acto", "english").slice(0, 2)).toEqual(["actor", "act"]);
});

it("offers nothing for what is like no word", () => {
  for (const typed of ["", "x", "qqqqqq", "1234", "的", "qwertyuiop", "abandon".repeat(1000)]) {
    expect(nearest(typed, "english")).toEqual([]);
  }
});

it("takes a moment for the longest text, in all lists", () => {
  const all = Object.keys(wordlists) as MnemonicLanguage[];
  const begun = performance.now();
  for (const typed of ["a".repeat(24), "abandonments", "x".repeat(1e6)]) nearest(typed, ...all);
  expect(performance.now() - begun).toBeLessThan(5_000);
});
