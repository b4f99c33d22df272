import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex } from "../../src/bytes.ts";
import { deriveBackupKeys, NO_REALM } from "../../src/keys/backup-keys.ts";
import { portablePrimitives } from "../../src/primitives/portable.ts";
import { checkMnemonic } from "../../src/seed/check-mnemonic.ts";
import { InvalidSeedError } from "../../src/seed/invalid-seed-error.ts";
import { entropyToMnemonic, mnemonicToEntropy } from "../../src/seed/mnemonic.ts";
import { MnemonicChecksumError } from "../../src/seed/mnemonic-errors.ts";
import { parseSeed } from "../../src/seed/parse-seed.ts";
import { type MnemonicLanguage, wordlists } from "../../src/seed/wordlists.ts";

const languages = Object.keys(wordlists) as MnemonicLanguage[];
const language = fc.constantFrom(...languages);
const entropy = fc
  .constantFrom(16, 20, 24, 28, 32)
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));

/** As BIP-39 says it, in numbers as large as they come: whether the positions of words are a mnemonic. */
function isChecksumRight(positions: readonly number[]): boolean {
  const bits = positions.map((at) => at.toString(2).padStart(11, "0")).join("");
  const checksumBits = bits.length / 33;
  const bytes = bits.slice(0, -checksumBits).match(/.{8}/g) ?? [];
  const hash = portablePrimitives.sha256(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2)));
  return (hash[0] as number).toString(2).padStart(8, "0").slice(0, checksumBits) === bits.slice(-checksumBits);
}

describe.each(languages)("in %s", (name) => {
  const wordlist = wordlists[name];

  it("any entropy comes back from its words, also where all languages are asked", () => {
    fc.assert(
      fc.property(entropy, (given) => {
        const mnemonic = entropyToMnemonic(given, { wordlist });
        expect(mnemonicToEntropy(mnemonic, { wordlist })).toEqual(given);
        const check = checkMnemonic(mnemonic, { wordlists });
        expect(check).toMatchObject({ ok: true, mnemonic: mnemonic.replaceAll("\u3000", " ") });
        expect(check.languages).toContain(name);
        expect(mnemonicToEntropy(mnemonic, { wordlists })).toEqual(given);
      }),
      { numRuns: 40 },
    );
  });

  it("another word in the place of one, or two swapped, are refused unless the checksum is right", () => {
    const position = fc.nat(2047);
    fc.assert(
      fc.property(entropy, position, fc.nat(23), fc.nat(23), (given, other, at, with_) => {
        const words = entropyToMnemonic(given, { wordlist }).split(/\s/u);
        const positions = words.map((word) => wordlist.indexOf(word));
        expect(isChecksumRight(positions)).toBe(true);
        const [i, j] = [at % words.length, with_ % words.length];
        const changed = positions.with(i, other);
        const swapped = positions.with(i, positions[j] as number).with(j, positions[i] as number);
        for (const candidate of [changed, swapped]) {
          const read = () => mnemonicToEntropy(candidate.map((place) => wordlist[place]).join(" "), { wordlist });
          if (isChecksumRight(candidate)) expect(read()).toHaveLength(given.length);
          else expect(read).toThrow(MnemonicChecksumError);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** How a person types, or a program passes on, the words that another one reads aloud. */
const noise = fc.record({
  form: fc.constantFrom("NFC", "NFD", "NFKC", "NFKD"),
  between: fc.constantFrom(" ", "  ", "\n", "\r\n\t", "\u3000", "\u00a0", ", ", " \u200b", " - ", "\u2028"),
  letters: fc.constantFrom<(word: string) => string>(
    (word) => word,
    (word) => word.toUpperCase(),
    (word) => word.toLocaleUpperCase("tr"),
    (word) => word.charAt(0).toUpperCase() + word.slice(1),
  ),
  accents: fc.constantFrom<(word: string) => string>(
    (word) => word,
    (word) => word.normalize("NFD").replace(/[\u0300-\u036f]/g, ""),
  ),
  invisible: fc.constantFrom("", "\u200b", "\ufeff", "\u00ad", "\u200d", "\u2066"),
  numbers: fc.constantFrom<undefined | ((at: number) => string)>(
    undefined,
    (at) => `${at}. `,
    (at) => `${at})`,
    (at) => `${String(at).padStart(2, "0")}: `,
  ),
  rows: fc.boolean(),
});

it("however words are typed, they are the same", () => {
  fc.assert(
    fc.property(
      entropy,
      language,
      noise,
      (given, name, { form, between, letters, accents, invisible, numbers, rows }) => {
        const mnemonic = entropyToMnemonic(given, { wordlist: wordlists[name] });
        const typed = mnemonic.split(/\s/u).map((word, at) => {
          const spelt = accents(letters(word.normalize(form)));
          return `${numbers?.(at + 1) ?? ""}${spelt.slice(0, 1)}${invisible}${spelt.slice(1)}`;
        });
        // Two columns, copied row by row.
        const order =
          rows && numbers ? typed.filter((_, at) => at % 2 === 0).concat(typed.filter((_, at) => at % 2)) : typed;
        const text = `${invisible}${between}${order.join(between)}${between}`;
        expect(checkMnemonic(text, { wordlists })).toMatchObject({
          ok: true,
          mnemonic: mnemonic.replaceAll("\u3000", " "),
        });
        expect(mnemonicToEntropy(text, { wordlists })).toEqual(given);
      },
    ),
    { numRuns: 300 },
  );
});

const anyWords = fc
  .array(
    fc.oneof(
      fc.constantFrom(...languages.flatMap((name) => wordlists[name].slice(0, 20))),
      fc.string({ unit: "binary" }),
    ),
  )
  .map((words) => words.join(" "));

it("of any text, the check is a mnemonic, or says what is wrong and offers words of the lists", () => {
  const known = new Set(languages.flatMap((name) => [...wordlists[name]]));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), anyWords), (typed) => {
      const check = checkMnemonic(typed, { wordlists });
      if (check.ok) return expect(checkMnemonic(check.mnemonic, { wordlists })).toEqual(check);
      expect(check.nearest === undefined).toBe(check.position === undefined);
      expect(check.nearest?.length ?? 0).toBeLessThanOrEqual(5);
      for (const word of check.nearest ?? []) expect(known).toContain(word);
      if (check.position !== undefined) expect(check.position).toBeLessThanOrEqual(Math.min(check.count, 24));
      expect(() => mnemonicToEntropy(typed, { wordlists })).toThrow(
        expect.objectContaining({ problem: check.problem, position: check.position }),
      );
    }),
    { numRuns: 150 },
  );
});

it("any raw seed is read from its hex, and any root key refused that has another letter", async () => {
  const letters = [..."123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0OIl"];
  const root =
    "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi";
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 64 }).filter((seed) => !/^\d+$/.test(bytesToHex(seed)));
  await fc.assert(
    fc.asyncProperty(bytes, fc.nat(root.length - 1), fc.constantFrom(...letters), async (seed, at, letter) => {
      expect(await parseSeed(bytesToHex(seed))).toEqual(seed);
      const changed = root.slice(0, at) + letter + root.slice(at + 1);
      if (changed !== root) await expect(parseSeed(changed)).rejects.toThrow(InvalidSeedError);
    }),
    { numRuns: 300 },
  );
});

it("a seed's hex has the seed's wallet id", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 16, maxLength: 64 }), async (seed) => {
      fc.pre(!/^\d+$/.test(bytesToHex(seed)));
      const read = deriveBackupKeys(await parseSeed(bytesToHex(seed)), NO_REALM).walletId;
      expect(read).toBe(deriveBackupKeys(seed, NO_REALM).walletId);
    }),
    { numRuns: 10 },
  );
});
