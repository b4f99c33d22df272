import fc from "fast-check";
import { deriveBackupKeys, NO_REALM } from "../../../packages/core/src/keys/backup-keys.ts";
import { isDerivationPath } from "../../../packages/core/src/keys/derivation-path.ts";
import { checkMnemonic } from "../../../packages/core/src/seed/check-mnemonic.ts";
import { InvalidSeedError } from "../../../packages/core/src/seed/invalid-seed-error.ts";
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeed } from "../../../packages/core/src/seed/mnemonic.ts";
import { InvalidMnemonicError, MnemonicChecksumError } from "../../../packages/core/src/seed/mnemonic-errors.ts";
import { parseSeed } from "../../../packages/core/src/seed/parse-seed.ts";
import { type MnemonicLanguage, wordlists } from "../../../packages/core/src/seed/wordlists.ts";
import { mnemonics, xprvs } from "../corpus.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import type { Source } from "../source.ts";
import { ACCEPTED, attempt, claim, claimEqual, defineTarget, refusalOf, type Target } from "../target.ts";

const anyText = fc.string({ unit: "binary", maxLength: 60 });
const WHITE_SPACE = [" ", "  ", "\n", "\t", "\u3000", "\u00a0", "\u200b", "\u0000", ""];
const WORD_COUNTS = [12, 15, 18, 21, 24];
const LANGUAGES = Object.keys(wordlists) as MnemonicLanguage[];
const everyWord: ReadonlySet<string> = new Set(Object.values(wordlists).flat());
const ACCENTS = /[\u0300-\u036f]/g;
/** Two thousand rounds of a hash would show nothing of how words are read. */
const noRounds = {
  pbkdf2HmacSha512: async (_: Uint8Array, __: Uint8Array, ___: number, length: number) => new Uint8Array(length),
};

export const seedTargets: readonly Target[] = [
  defineTarget({
    name: "mnemonicToSeed",
    share: 10,
    open: () => ({
      make: mnemonicInput,
      check: async (mnemonic: string) => {
        let words: string[] = [];
        // Two thousand rounds of a hash would show nothing of how words are read.
        const pbkdf2HmacSha512 = async (password: Uint8Array, _: Uint8Array, __: number, length: number) => {
          words = new TextDecoder().decode(password).split(" ");
          return new Uint8Array(length);
        };
        try {
          const seed = await mnemonicToSeed(mnemonic, { primitives: { pbkdf2HmacSha512 } });
          claim(seed.length === 64, "a seed has 64 bytes");
        } catch (error) {
          return refusalOf(error, [InvalidMnemonicError, MnemonicChecksumError]);
        }
        claim(WORD_COUNTS.includes(words.length), "a mnemonic has a right number of words");
        claim(
          words.every((word) => /^[a-z]{3,8}$/.test(word)),
          "every word is one of the English list",
        );
        return ACCEPTED;
      },
    }),
  }),
  defineTarget({
    name: "checkMnemonic",
    share: 3,
    open: () => ({ make: typedInput, check: checkTyped }),
  }),
  defineTarget({
    name: "parseSeed",
    share: 3,
    open: () => ({
      make: seedInput,
      check: async (text: string) => {
        try {
          const source = await parseSeed(text, { primitives: noRounds });
          // What is taken are keys.
          deriveBackupKeys(source, NO_REALM).destroy();
          return ACCEPTED;
        } catch (error) {
          return refusalOf(error, [InvalidMnemonicError, MnemonicChecksumError, InvalidSeedError]);
        }
      },
    }),
  }),
  defineTarget({
    name: "xprv",
    share: 5,
    open: () => ({
      make: (source) => (source.oneIn(6) ? source.draw(anyText) : mutateText(source, source.pick(xprvs))),
      check: (xprv: string) => attempt(() => deriveBackupKeys({ xprv }, NO_REALM), [RangeError]).outcome,
    }),
  }),
  defineTarget({
    name: "isDerivationPath",
    share: 30,
    open: () => ({
      make: (source) => mutateText(source, source.pick(["m", "m/44'/0'/3'", "m/2147483647'", "m/0/1/2/3/4/5/6/7/8/9"])),
      check: (path: string) => (isDerivationPath(path) ? ACCEPTED : "false"),
    }),
  }),
];

/** Words changed, swapped, left out, spelt and spaced otherwise. */
function mnemonicInput(source: Source): string {
  const kind = source.below(8);
  if (kind === 0) return source.draw(anyText);
  const mnemonic = source.pick(mnemonics);
  if (kind === 1) return mutateText(source, mnemonic);
  const words = mnemonic.split(" ");
  const place = source.below(words.length);
  if (kind === 2) words.splice(place, 1 + source.below(3));
  if (kind === 3) words.splice(place, 0, ...source.pick(mnemonics).split(" ").slice(source.below(12)));
  if (kind === 4) words[place] = source.pick(source.pick(mnemonics).split(" "));
  if (kind === 5) words[place] = (words[place] as string).toUpperCase();
  if (kind === 6) words[place] = [...(words[place] as string)].join("\u0301");
  return words.reduce((text, word) => text + (source.oneIn(4) ? source.pick(WHITE_SPACE) : " ") + word);
}

/** Bytes changed, read as UTF-8 as far as they are. */
function mutateText(source: Source, text: string): string {
  const bytes = new TextEncoder().encode(text);
  return new TextDecoder().decode(mutateBytes(source, bytes, bytes));
}

/** Words of any language, as people type them, or nearly so. */
function typedInput(source: Source): string {
  if (source.oneIn(8)) return source.draw(anyText);
  const wordlist = wordlists[source.pick(LANGUAGES)];
  const mnemonic = entropyToMnemonic(source.bytes(source.pick([16, 20, 24, 28, 32])), { wordlist });
  const words = mnemonic.split(/\s/u).map((word) => word.normalize(source.pick(["NFC", "NFKD"])));
  const kind = source.below(8);
  const place = source.below(words.length);
  if (kind === 0) words[place] = mutateText(source, words[place] as string);
  if (kind === 1) words[place] = source.pick([...source.pick(Object.values(wordlists))]);
  if (kind === 2) words.splice(place, 1 + source.below(3));
  if (kind === 3) words.splice(place, 0, ...source.pick(mnemonics).split(" "));
  const typed = words.map((word, at) => {
    const number = kind === 4 || source.oneIn(400) ? `${at + 1}${source.pick([". ", ")", " ", ": "])}` : "";
    if (kind === 5) return word.replace(ACCENTS, "");
    if (kind === 6) return word.toUpperCase();
    return number + word;
  });
  if (kind === 4 && source.oneIn(2)) typed.reverse();
  return typed.reduce((text, word) => text + (source.oneIn(20) ? source.pick(WHITE_SPACE) : " ") + word);
}

function checkTyped(typed: string): string {
  const check = checkMnemonic(typed, { wordlists });
  const entropy = attempt(() => mnemonicToEntropy(typed, { wordlists }), [InvalidMnemonicError, MnemonicChecksumError]);
  if (check.ok) {
    claim(WORD_COUNTS.includes(check.mnemonic.split(" ").length), "a mnemonic has a right number of words");
    claimEqual(checkMnemonic(check.mnemonic, { wordlists }), check, "what was read is read again as it is");
    claim(check.languages.length > 0, "a mnemonic has a language");
    return ACCEPTED;
  }
  claim(entropy.outcome !== ACCEPTED, "what the check refuses has no entropy");
  claim((check.nearest === undefined) === (check.position === undefined), "words are offered where one is unknown");
  claim((check.nearest ?? []).length <= 5, "at most five words are offered");
  claim(
    (check.nearest ?? []).every((word) => everyWord.has(word)),
    "words of the lists are offered",
  );
  return check.problem;
}

/** A seed in one of its forms, or nearly so. */
function seedInput(source: Source): string {
  const kind = source.below(6);
  if (kind === 0) return source.draw(anyText);
  if (kind === 1) return mnemonicInput(source);
  const xprv = source.pick(xprvs);
  if (kind === 2) return source.oneIn(3) ? xprv : mutateText(source, xprv);
  const hex = Buffer.from(source.bytes(source.below(70))).toString("hex");
  if (kind === 3) return mutateText(source, hex);
  // Positions in a word list, as a SeedQR holds them.
  const positions = Array.from({ length: source.pick(WORD_COUNTS) }, () => String(source.below(2060)).padStart(4, "0"));
  return kind === 4 ? positions.join("") : hex.replace(/.{8}/g, (part) => part + source.pick(WHITE_SPACE));
}
