import { describe, expect, it } from "vitest";
import { bytesToHex, utf8ToBytes } from "../../../src/bytes.ts";
import { portablePrimitives } from "../../../src/primitives/portable.ts";
import { indexOf } from "../../../src/seed/wordlist.ts";
import { wordlist as english } from "../../../src/seed/wordlists/english.ts";
import { type MnemonicLanguage, wordlists } from "../../../src/seed/wordlists.ts";
import { bareKey, wordKey } from "../../../src/seed/words.ts";

/** SHA-256 of the files of bitcoin/bips, bip-0039: one word a line. */
const FILES: Record<MnemonicLanguage, string> = {
  english: "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda",
  japanese: "2eed0aef492291e061633d7ad8117f1a2b03eb80a29d0e4e3117ac2528d05ffd",
  korean: "9e95f86c167de88f450f0aaf89e87f6624a57f973c67b516e338e8e8b8897f60",
  spanish: "46846a5a0139d1e3cb77293e521c2865f7bcdb82c44e8d0a06a2cd0ecba48c0b",
  "chinese-simplified": "5c5942792bd8340cb8b27cd592f1015edf56a8c5b26276ee18a482428e7c5726",
  "chinese-traditional": "417b26b3d8500a4ae3d59717d7011952db6fc2fb84b807f3f94ac734e89c1b5f",
  french: "ebc3959ab7801a1df6bac4fa7d970652f1df76b683cd2f4003c941c63d517e59",
  italian: "d392c49fdb700a24cd1fceb237c1f65dcc128f6b34a8aacb58b59384b5c648c2",
  czech: "7e80e161c3e93d9554c2efb78d4e3cebf8fc727e9c52e03b83b94406bdcc95fc",
  portuguese: "2685e9c194c82ae67e10ba59d9ea5345a23dc093e92276fc5361f6667d79cd3f",
};

describe.each(Object.entries(wordlists))("the list of %s", (language, wordlist) => {
  it("is BIP-39's own, word for word", () => {
    const file = utf8ToBytes(`${wordlist.join("\n")}\n`);
    expect(bytesToHex(portablePrimitives.sha256(file))).toBe(FILES[language as MnemonicLanguage]);
  });

  it("has no two words that differ in case or accents alone, so that these may be left out", () => {
    expect(wordlist).toHaveLength(2048);
    expect(new Set(wordlist.map((word) => bareKey(wordKey(word)))).size).toBe(2048);
    expect(indexOf(wordlist, "wordlist").bare.size).toBe(2048);
  });

  it("has words that are as they are looked for, and that capitals do not change", () => {
    for (const word of wordlist) {
      expect(wordKey(word)).toBe(word);
      // Capitals as Turkish devices make them too: of "i" they make another letter.
      for (const capitals of [word.toUpperCase(), word.toLocaleUpperCase("tr"), word.toLocaleUpperCase("lt")]) {
        expect(bareKey(wordKey(capitals))).toBe(bareKey(word));
      }
    }
  });

  it("cannot be changed", () => {
    expect(Object.isFrozen(wordlist)).toBe(true);
  });
});

it("are all that BIP-39 has", () => {
  expect(Object.keys(wordlists)).toEqual(Object.keys(FILES));
  expect(wordlists.english).toBe(english);
});

it.each([
  ["less", english.slice(1)],
  ["more", [...english, "nakamoto"]],
  ["the same word twice", [...english.slice(1), "zoo"]],
  ["the same word in capitals", [...english.slice(1), "ZOO"]],
  ["a number", [...english.slice(1), 7]],
  ["text", "english"],
  ["nothing", null],
])("a list of %s is a programmer's mistake", (_, wordlist) => {
  expect(() => indexOf(wordlist as string[], "wordlists.klingon")).toThrow(TypeError);
  expect(() => indexOf(wordlist as string[], "wordlists.klingon")).toThrow(
    /^wordlists.klingon must be an array of 2048/,
  );
});

it("a list that may change is read anew each time", () => {
  const changing = [...english];
  expect(indexOf(changing, "wordlist").exact.get("zoo")).toBe(2047);
  changing[2047] = "nakamoto";
  expect(indexOf(changing, "wordlist").exact.get("zoo")).toBeUndefined();
  expect(indexOf(english, "wordlist")).toBe(indexOf(english, "wordlist"));
});

it("two words of one's own list that differ in an accent must be typed with it", () => {
  const list = [...english.slice(0, 2046), "zoö", "zoo"];
  const { exact, bare } = indexOf(list, "wordlist");
  expect([exact.get("zoo"), exact.get(wordKey("zoö")), bare.get("zoo")]).toEqual([2047, 2046, undefined]);
});
