import { expect, it } from "vitest";
import { checkMnemonic } from "../../../src/seed/check-mnemonic.ts";
import { entropyToMnemonic, generateMnemonic, mnemonicToEntropy, mnemonicToSeed } from "../../../src/seed/mnemonic.ts";
import { parseSeed } from "../../../src/seed/parse-seed.ts";
import { wordlists } from "../../../src/seed/wordlists.ts";

/**
 * All that an error can carry: of each property, enumerable or not, its name and its value, and the same of its cause. Of the
 * stack what is above the frames, which name files alone.
 */
function contentOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? String(error);
  const properties = Object.getOwnPropertyNames(error).map((name) => {
    const value: unknown = error[name as keyof Error];
    if (name === "stack") return `stack: ${String(value).replace(/\n +at .*/g, "")}`;
    return `${name}: ${name === "cause" ? contentOf(value) : JSON.stringify(value)}`;
  });
  return [error.constructor.name, String(error), ...properties].join("\n");
}

async function failureOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    return contentOf(error);
  }
  return "nothing was thrown";
}

const others = "zoo ".repeat(11);
const hex = (text: string) =>
  [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const base58 = (text: string) => text.replace(/[^1-9A-HJ-NP-Za-km-z]/g, "x");

/** Each failure of a mnemonic, a seed or a key, made of one word. */
const FAILURES: Record<string, (word: string) => unknown> = {
  "a word that is not in the list": (word) => mnemonicToEntropy(`${others}${word}q`),
  "the same, among all languages": (word) => mnemonicToEntropy(`${others}${word}q`, { wordlists }),
  "the same, to a seed": (word) => mnemonicToSeed(`${others}${word}q`),
  "the same, as any seed": (word) => parseSeed(`${others}${word}q`, { wordlists }),
  "too few words": (word) => mnemonicToEntropy(`${word} ${word}`, { wordlists }),
  "too many words": (word) => mnemonicToEntropy(`${word} `.repeat(25), { wordlists }),
  "numbers amiss": (word) => mnemonicToEntropy(`1. ${word} 3. ${word}`),
  "a word alone": (word) => parseSeed(`${word}q`),
  "a passphrase where none can be": (word) => parseSeed("00".repeat(16), { passphrase: word }),
  "half a character in a passphrase": (word) => mnemonicToSeed(`${others}wrong`, { passphrase: `${word}\ud83d` }),
  "hex that is too long": (word) => parseSeed(hex(word).repeat(65)),
  "a key that is mistyped": (word) => parseSeed(`xprv${base58(word)}`),
  "a public key": (word) => parseSeed(`xpub${base58(word)}`),
  "a private key": (word) => parseSeed(`K${base58(word).padEnd(51, "x").slice(0, 51)}`),
  "words that are no text": (word) => mnemonicToEntropy([word] as never),
  "no text to check": (word) => checkMnemonic([word] as never),
  "a list that is a word": (word) => mnemonicToEntropy(others, { wordlist: word as never }),
  "lists that are a word": (word) => mnemonicToEntropy(others, { wordlists: word as never }),
  "a list of one word": (word) => mnemonicToEntropy(others, { wordlist: [word] }),
  "words in the place of options": (word) => mnemonicToEntropy(others, [word] as never),
  "words in the place of entropy": (word) => entropyToMnemonic(word as never),
  "words in the place of random": (word) => generateMnemonic({ random: word as never }),
  "a random that gives words": (word) => generateMnemonic({ random: () => word as never }),
  "a primitive that fails as it likes": (word) =>
    mnemonicToSeed(`${others}wrong`, {
      passphrase: word,
      primitives: {
        pbkdf2HmacSha512: () => {
          throw new Error("no such hash");
        },
      },
    }),
};

/** Words of all lists, but of the Chinese ones: a letter behind their characters is a word of its own. */
const sweep = Object.entries(wordlists).flatMap(([language, words]) =>
  language.startsWith("chinese") ? [] : words.filter((_, at) => at % (language === "english" ? 8 : 64) === 0),
);

it.each(Object.entries(FAILURES))("%s: the error is the same whatever the word is", async (_, fail) => {
  const contents = new Set<string>();
  for (const word of sweep) contents.add(await failureOf(() => fail(word)));
  expect([...contents]).toHaveLength(1);
  expect([...contents][0]).not.toBe("nothing was thrown");
});

it("a wrong checksum: the error is the same whatever the words are", async () => {
  const contents = new Set<string>();
  for (const word of sweep) {
    const typed = `${word} `.repeat(12);
    if (checkMnemonic(typed, { wordlists }).ok) continue;
    for (const run of [mnemonicToEntropy, mnemonicToSeed, parseSeed]) {
      contents.add(await failureOf(() => run(typed, { wordlists })));
    }
  }
  expect([...contents]).toEqual([expect.stringMatching(/^MnemonicChecksumError\n/)]);
});

it("the sweep would see a word: in a message, a property, a cause", async () => {
  const word = "satoshi";
  const seen = [
    new Error(word),
    Object.assign(new Error("no"), { word }),
    new Error("no", { cause: new Error(word) }),
    new Error("no", { cause: word }),
    Object.defineProperty(new Error("no"), "hidden", { value: [word], enumerable: false }),
  ];
  for (const error of seen) expect(contentOf(error)).toContain(word);
});
