import fc from "fast-check";
import { deriveBackupKeys, NO_REALM } from "../../../packages/core/src/keys/backup-keys.ts";
import { isDerivationPath } from "../../../packages/core/src/keys/derivation-path.ts";
import { mnemonicToSeed } from "../../../packages/core/src/seed/mnemonic.ts";
import { InvalidMnemonicError, MnemonicChecksumError } from "../../../packages/core/src/seed/mnemonic-errors.ts";
import { mnemonics, xprvs } from "../corpus.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import type { Source } from "../source.ts";
import { ACCEPTED, attempt, claim, defineTarget, refusalOf, type Target } from "../target.ts";

const anyText = fc.string({ unit: "binary", maxLength: 60 });
const WHITE_SPACE = [" ", "  ", "\n", "\t", "\u3000", "\u00a0", "\u200b", "\u0000", ""];
const WORD_COUNTS = [12, 15, 18, 21, 24];

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
