import { existsSync, readFileSync } from "node:fs";
import { HDKey } from "@scure/bip32";
import { entropyToMnemonic } from "@scure/bip39";
import { wordlist as japanese } from "@scure/bip39/wordlists/japanese.js";
import { wordlist as spanish } from "@scure/bip39/wordlists/spanish.js";
import { describe, expect, it } from "vitest";
import { bytesToHex } from "../../../src/bytes.ts";
import { mnemonicToSeed } from "../../../src/seed/mnemonic.ts";
import { InvalidMnemonicError } from "../../../src/seed/mnemonic-errors.ts";

const twelve = `${"abandon ".repeat(11)}about`;
const seedHex = async (...given: Parameters<typeof mnemonicToSeed>) => bytesToHex(await mnemonicToSeed(...given));
const failure = async (...given: Parameters<typeof mnemonicToSeed>): Promise<Error> =>
  mnemonicToSeed(...given).then(
    () => Promise.reject(new Error("it did not fail")),
    (error) => error,
  );

/** mnemonic, seed with passphrase TREZOR, root xprv if known: rows of python-mnemonic's vectors.json. */
type Row = { mnemonic: string; seed: string; xprv?: string };
const byHand: Row[] = [
  {
    mnemonic: twelve,
    seed: "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04",
    xprv: "xprv9s21ZrQH143K3h3fDYiay8mocZ3afhfULfb5GX8kCBdno77K4HiA15Tg23wpbeF1pLfs1c5SPmYHrEpTuuRhxMwvKDwqdKiGJS9XFKzUsAF",
  },
  {
    mnemonic: "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong",
    seed: "ac27495480225222079d7be181583751e86f571027b0497b5b5d11218e0a8a13332572917f0f8e5a589620c6f15b11c61dee327651a14c34e18231052e48c069",
  },
];
const file = `${process.env.CLOUDBACKUP_VECTORS}/bip39/english.json`;
const hasFile = process.env.CLOUDBACKUP_VECTORS !== undefined && existsSync(file);

describe("BIP-39 rows", () => {
  it.each(byHand)("written by hand: $mnemonic", async ({ mnemonic, seed, xprv }) => {
    expect(await seedHex(mnemonic, { passphrase: "TREZOR" })).toBe(seed);
    const root = HDKey.fromMasterSeed(await mnemonicToSeed(mnemonic, { passphrase: "TREZOR" }));
    expect(root.privateExtendedKey).toBe(xprv ?? root.privateExtendedKey);
  });

  it(
    hasFile ? "of bip39/english.json, every one" : "by hand alone: CLOUDBACKUP_VECTORS has no bip39/english.json",
    async () => {
      const rows: Row[] = hasFile ? rowsOf(JSON.parse(readFileSync(file, "utf8"))) : byHand;
      expect(rows.length).toBeGreaterThanOrEqual(hasFile ? 24 : 2);
      for (const { mnemonic, seed } of rows) expect(await seedHex(mnemonic, { passphrase: "TREZOR" })).toBe(seed);
    },
  );
});

describe("what a person types", () => {
  it("may have white space and capitals anywhere", async () => {
    expect(await seedHex(`\n ${twelve.toUpperCase().replaceAll(" ", " \t ")} `)).toBe(await seedHex(twelve));
  });

  it("has a passphrase taken as it is, NFKD apart", async () => {
    expect(await seedHex(twelve, { passphrase: "e\u0301" })).toBe(await seedHex(twelve, { passphrase: "\u00e9" }));
    const seeds = await Promise.all(["", " ", "a", "A"].map((passphrase) => seedHex(twelve, { passphrase })));
    expect(new Set(seeds).size).toBe(4);
    expect(await seedHex(twelve)).toBe(seeds[0]);
  });

  it("may be of another language, in either form of Unicode", async () => {
    for (const wordlist of [japanese, spanish]) {
      const words = entropyToMnemonic(new Uint8Array(16).fill(0x3c), wordlist);
      const expected = await seedHex(words, { wordlist });
      expect(await seedHex(words.normalize("NFC"), { wordlist })).toBe(expected);
      expect(await seedHex(words, { wordlist: wordlist.map((word) => word.normalize("NFC")) })).toBe(expected);
    }
  });
});

describe("is refused", () => {
  it.each([
    { id: "nothing", mnemonic: "", says: /has 0$/ },
    { id: "white space", mnemonic: " \n", says: /has 0$/ },
    { id: "11 words", mnemonic: "abandon ".repeat(11), says: /has 11$/ },
    { id: "13 words", mnemonic: `${twelve} hunter`, says: /has 13$/ },
    { id: "27 words", mnemonic: "abandon ".repeat(27), says: /has 27$/ },
    { id: "an unknown word", mnemonic: twelve.replace("about", "hunter2"), says: /^Word 12 is not/ },
    { id: "an abbreviation", mnemonic: twelve.replace("abandon", "aban"), says: /^Word 1 is not/ },
    { id: "a wrong checksum", mnemonic: "abandon ".repeat(12), says: /checksum/ },
    { id: "a name of Object", mnemonic: twelve.replace("about", "constructor"), says: /^Word 12 is not/ },
  ])("$id, with an error that names no word", async ({ mnemonic, says }) => {
    const error = await failure(mnemonic);
    expect(error).toBeInstanceOf(InvalidMnemonicError);
    expect(error).toMatchObject({ code: expect.stringMatching(/MNEMONIC/), retryable: false });
    expect(error.message).toMatch(says);
    expect(`${error.message} ${JSON.stringify(error)} ${error.cause}`).not.toMatch(/abandon|hunter|about|constructor/);
  });

  it.each([
    { id: "a mnemonic that is no text", given: [new Uint8Array(64)], error: TypeError },
    { id: "a list of words", given: [twelve.split(" ")], error: TypeError },
    { id: "an unknown option", given: [twelve, { password: "a" }], error: TypeError },
    { id: "a passphrase that is no text", given: [twelve, { passphrase: 1234 }], error: TypeError },
    { id: "a passphrase that is null", given: [twelve, { passphrase: null }], error: TypeError },
    { id: "a list of 2047 words", given: [twelve, { wordlist: japanese.slice(1) }], error: TypeError },
    { id: "a word list that is text", given: [twelve, { wordlist: "english" }], error: TypeError },
  ])("$id, as a programmer's mistake", async ({ given, error }) => {
    const thrown = await failure(...(given as [string]));
    expect(thrown).toBeInstanceOf(error);
    expect(thrown.message).not.toMatch(/abandon|1234/);
  });
});

/** `[entropy, mnemonic, seed, xprv]`, under "english" or alone. */
function rowsOf(json: { english?: string[][] } | string[][]): Row[] {
  const rows = Array.isArray(json) ? json : (json.english ?? []);
  return rows.map(([, mnemonic, seed]) => ({ mnemonic: mnemonic as string, seed: seed as string }));
}
