import { describe, expect, it } from "vitest";
import { readWords, wordKey } from "../../../src/seed/words.ts";

const five = ["zoo", "wrong", "abandon", "able", "about"];

describe("reads", () => {
  it.each([
    ["one space between two", "zoo wrong abandon able about"],
    ["white space of every kind", "\n\tzoo\r\nwrong\u00a0abandon\u3000able\u2028 about \f"],
    ["capitals", "Zoo WRONG aBANDON Able ABOUT"],
    ["full width", "ｚｏｏ　ＷＲＯＮＧ　ａｂａｎｄｏｎ　Ａｂｌｅ　ａｂｏｕｔ"],
    ["commas, quotes and brackets of a program", '["zoo","wrong","abandon","able","about"]'],
    ["punctuation of a sentence", "«Zoo», wrong; abandon — able... about!"],
    ["the byte order mark of a file", "\ufeffzoo wrong abandon able about\n"],
    ["what messengers put in and nobody sees", "\u200ezoo wr\u200bong aban\u00addon a\u2060ble ab\u200dout\u200f"],
    ["control characters", "zoo\u0000wrong\u0007abandon\u001bable\u0085about"],
    ["the numbers of a list", "1. zoo 2. wrong 3. abandon 4. able 5. about"],
    ["numbers with a bracket", "1) zoo\n2) wrong\n3) abandon\n4) able\n5) about"],
    ["numbers without white space", "1.zoo 2.wrong 3.abandon 4.able 5.about"],
    ["numbers in cells of a table", "| 01 | zoo |\n| 02 | wrong |\n| 03 | abandon |\n| 04 | able |\n| 05 | about |"],
    ["numbers in circles", "① zoo ② wrong ③ abandon ④ able ⑤ about"],
    ["numbers as keys of a telephone", "1️⃣ zoo 2️⃣ wrong 3️⃣ abandon 4️⃣ able 5️⃣ about"],
    ["two columns, row by row", "1. zoo 4. able\n2. wrong 5. about\n3. abandon"],
    ["bullets", "• zoo\n• wrong\n* abandon\n- able\n- about"],
    ["an emoji between two", "zoo 🦊 wrong 🔑abandon🔑 able 😀 about"],
  ])("%s", (_, typed) => {
    expect(readWords(typed)).toEqual({ words: five, isNumberedRight: true });
  });

  it("either form of Unicode in one", () => {
    const { words } = readWords("Ábaco a\u0301baco が か\u3099 가격 \u1100\u1161\u1100\u1167\u11a8");
    expect(words).toHaveLength(6);
    for (const at of [0, 2, 4]) expect(words[at]).toBe(words[at + 1]);
  });

  it("Chinese characters as a word each, with white space and without", () => {
    expect(readWords("的一是在").words).toEqual(["的", "一", "是", "在"]);
    expect(readWords("的 一、是　在").words).toEqual(["的", "一", "是", "在"]);
    // As old encodings have them.
    expect(readWords("\u2f00\uf9b4").words).toEqual(["一", "領"]);
  });

  it("every character's small form as one that stays", () => {
    for (let code = 0; code <= 0x10ffff; code++) {
      if (code === 0xd800) code = 0xe000; // halves of characters
      const key = wordKey(String.fromCodePoint(code));
      if (key !== key.normalize("NFKD")) expect.fail(`U+${code.toString(16)}`);
    }
  });

  it("nothing of nothing", () => {
    for (const typed of ["", " \n\u3000", "\u200b\ufeff", "... !"]) {
      expect(readWords(typed)).toEqual({ words: [], isNumberedRight: true });
    }
  });
});

describe("does not choke", () => {
  it("on more marks than any letter has", () => {
    const typed = `zoo a${"\u0301\u0316".repeat(40_000)} zoo`;
    const { words } = readWords(typed);
    expect(words).toHaveLength(3);
    expect(words[1]).toHaveLength(31);
  });

  it("on a text in which words cannot be", () => {
    for (const typed of ["a".repeat(10_000_000), "zoo ".repeat(1_000_000), "0711".repeat(2_500_000)]) {
      expect(readWords(typed).words).toEqual([]);
    }
  });
});

describe("does not take for a number", () => {
  it.each([
    ["digits at the end of a word", "zoo wrong2", ["zoo", "wrong2"]],
    ["digits before a word", "1zoo", ["1zoo"]],
    ["more than two digits", "zoo 123", ["zoo", "123"]],
  ])("%s", (_, typed, words) => {
    expect(readWords(typed)).toEqual({ words, isNumberedRight: true });
  });
});

describe("says that numbers are wrong", () => {
  it.each([
    ["one is missing", "1. zoo 3. wrong"],
    ["one is there twice", "1. zoo 1. wrong"],
    ["they begin with nought", "0. zoo 1. wrong"],
    ["one word has none", "1. zoo wrong 2. abandon"],
    ["they stand after the words", "zoo 1 wrong 2"],
    ["they stand together", "1 2 zoo wrong"],
    ["there are only numbers", "1 2 3"],
    ["one is large", "1. zoo 99. wrong"],
    ["there are more than two digits can count", "1. zoo ".repeat(100)],
  ])("%s", (_, typed) => {
    expect(readWords(typed).isNumberedRight).toBe(false);
  });
});

it("takes a moment for text of any length", () => {
  const begun = performance.now();
  for (const part of ["1. zoo ", "zoo ", "1 ", "\u200b", "\u0301", "的", "."]) readWords(part.repeat(200_000));
  expect(performance.now() - begun).toBeLessThan(5_000);
});
