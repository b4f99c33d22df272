import { HDKey } from "@scure/bip32";
import { describe, expect, it } from "vitest";
import { bytesToHex, hexToBytes } from "../../../src/bytes.ts";
import { checkMnemonic } from "../../../src/seed/check-mnemonic.ts";
import { entropyToMnemonic, generateMnemonic, mnemonicToEntropy, mnemonicToSeed } from "../../../src/seed/mnemonic.ts";
import { InvalidMnemonicError, MnemonicChecksumError } from "../../../src/seed/mnemonic-errors.ts";
import { type MnemonicLanguage, wordlists } from "../../../src/seed/wordlists.ts";
import { publicText } from "../../public-files.ts";

const { japanese, spanish } = wordlists;
const twelve = `${"abandon ".repeat(11)}about`;
const seedHex = async (...given: Parameters<typeof mnemonicToSeed>) => bytesToHex(await mnemonicToSeed(...given));
const failure = async (...given: Parameters<typeof mnemonicToSeed>): Promise<Error> =>
  mnemonicToSeed(...given).then(
    () => Promise.reject(new Error("it did not fail")),
    (error) => error,
  );

/** Entropy, mnemonic, seed with passphrase TREZOR, root xprv: rows of python-mnemonic's vectors.json. */
type Row = { entropy: string; mnemonic: string; seed: string; xprv?: string };
const byHand: Row[] = [
  {
    entropy: "00".repeat(16),
    mnemonic: twelve,
    seed: "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04",
    xprv: "xprv9s21ZrQH143K3h3fDYiay8mocZ3afhfULfb5GX8kCBdno77K4HiA15Tg23wpbeF1pLfs1c5SPmYHrEpTuuRhxMwvKDwqdKiGJS9XFKzUsAF",
  },
  {
    entropy: "ff".repeat(16),
    mnemonic: "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong",
    seed: "ac27495480225222079d7be181583751e86f571027b0497b5b5d11218e0a8a13332572917f0f8e5a589620c6f15b11c61dee327651a14c34e18231052e48c069",
  },
];
const file = publicText("bip39/english.json");
const hasFile = file !== undefined;

describe("BIP-39 rows", () => {
  it.each(byHand)("written by hand: $mnemonic", async ({ mnemonic, seed, xprv }) => {
    expect(await seedHex(mnemonic, { passphrase: "TREZOR" })).toBe(seed);
    const root = HDKey.fromMasterSeed(await mnemonicToSeed(mnemonic, { passphrase: "TREZOR" }));
    expect(root.privateExtendedKey).toBe(xprv ?? root.privateExtendedKey);
  });

  it(
    hasFile ? "of bip39/english.json, every one" : "by hand alone: CLOUDBACKUP_VECTORS has no bip39/english.json",
    async () => {
      const rows: Row[] = hasFile ? rowsOf(JSON.parse(file)) : byHand;
      expect(rows.length).toBeGreaterThanOrEqual(hasFile ? 24 : 2);
      for (const { entropy, mnemonic, seed, xprv } of rows) {
        expect(entropyToMnemonic(hexToBytes(entropy))).toBe(mnemonic);
        expect(bytesToHex(mnemonicToEntropy(mnemonic))).toBe(entropy);
        expect(checkMnemonic(mnemonic, { wordlists })).toMatchObject({ ok: true, mnemonic });
        expect(await seedHex(mnemonic, { passphrase: "TREZOR" })).toBe(seed);
        const root = HDKey.fromMasterSeed(hexToBytes(seed)).privateExtendedKey;
        expect(root).toBe(xprv ?? root);
      }
    },
  );
});

describe("in other languages", () => {
  /** Of the same entropy, 16 zeros: the first word of each list eleven times, then the first with a right checksum. */
  const ZEROS: Record<MnemonicLanguage, string> = {
    english: twelve,
    japanese: `${"あいこくしん\u3000".repeat(11)}あおぞら`,
    korean: `${"가격 ".repeat(11)}가능`,
    spanish: `${"ábaco ".repeat(11)}abierto`,
    "chinese-simplified": `${"的 ".repeat(11)}在`,
    "chinese-traditional": `${"的 ".repeat(11)}在`,
    french: `${"abaisser ".repeat(11)}abeille`,
    italian: `${"abaco ".repeat(11)}abete`,
    czech: `${"abdikace ".repeat(11)}agrese`,
    portuguese: `${"abacate ".repeat(11)}abater`,
  };

  it.each(Object.entries(ZEROS))("entropy is written in %s, and read", (language, mnemonic) => {
    const wordlist = wordlists[language as MnemonicLanguage];
    expect(entropyToMnemonic(new Uint8Array(16), { wordlist }).normalize("NFC")).toBe(mnemonic);
    expect(mnemonicToEntropy(mnemonic, { wordlist })).toEqual(new Uint8Array(16));
    expect(mnemonicToEntropy(mnemonic, { wordlists })).toEqual(new Uint8Array(16));
  });

  const JP = "㍍ガバヴァぱばぐゞちぢ十人十色";
  it.each<{ id: string; language: MnemonicLanguage; mnemonic: string; passphrase: string; seed: string }>([
    {
      id: "bip32JP, the first",
      language: "japanese",
      mnemonic: ZEROS.japanese,
      passphrase: JP,
      seed: "a262d6fb6122ecf45be09c50492b31f92e9beb7d9a845987a02cefda57a15f9c467a17872029a9e92299b5cbdf306e3a0ee620245cbd508959b6cb7ca637bd55",
    },
    {
      id: "bip32JP, the second",
      language: "japanese",
      mnemonic:
        "そつう　れきだい　ほんやく　わかす　りくつ　ばいか　ろせん　やちん　そつう　れきだい　ほんやく　わかめ",
      passphrase: JP,
      seed: "aee025cbe6ca256862f889e48110a6a382365142f7d16f2b9545285b3af64e542143a577e9c144e101a6bdca18f8d97ec3366ebf5b088b1c1af9bc31346e60d9",
    },
    {
      id: "bip32JP, one of 24 words",
      language: "japanese",
      mnemonic:
        "うちゅう　ふそく　ひしょ　がちょう　うけもつ　めいそう　みかん　そざい　いばる　うけとる　さんま　さこつ　おうさま　ぱんつ　しひょう　めした　たはつ　いちぶ　つうじょう　てさぎょう　きつね　みすえる　いりぐち　かめれおん",
      passphrase: JP,
      seed: "346b7321d8c04f6f37b49fdf062a2fddc8e1bf8f1d33171b65074531ec546d1d3469974beccb1a09263440fc92e1042580a557fdce314e27ee4eabb25fa5e5fe",
    },
    {
      id: "bip39-rs, issue 26",
      language: "spanish",
      mnemonic: "camello pomelo toque oponer urgente lástima merengue cutis tirón pudor pomo barco",
      passphrase: "el español se habla en muchos países",
      seed: "67a2cf87b9d110dd5210275fd4d7a107a0a0dd9446e02f3822f177365786ae440b8873693c88f732834af90785753d989a367f7094230901b204c567718ce6be",
    },
    {
      id: "easyseed, French",
      language: "french",
      mnemonic:
        "paternel xénon curatif séparer docile capable exigence boulon styliste plexus surface embryon crayon gorge exister",
      passphrase: "nullius　à　nym.zone ¹teſts² Français",
      seed: "cff9ffd2b23549e73601db4129a334c81b28a40f0ee819b5d6a54c409999f0dfb6b89df17cae6408c96786165c205403d283baadc03ffdd391a490923b7d9493",
    },
    {
      id: "easyseed, English",
      language: "english",
      mnemonic: twelve,
      passphrase: "nullius　à　nym.zone ¹teſts² English",
      seed: "61f3aa13adcf5f4b8661fc062501d67eca3a53fc0ed129076ad7a22983b6b5ed0e84e47b24cff23b7fca57e127f62f28c1584ed487872d4bfbc773257bdbc434",
    },
  ])("the seed is that of $id", async ({ language, mnemonic, passphrase, seed }) => {
    const wordlist = wordlists[language];
    for (const form of ["NFC", "NFD", "NFKC", "NFKD"]) {
      const typed = mnemonic.normalize(form);
      expect(await seedHex(typed, { passphrase: passphrase.normalize(form), wordlist })).toBe(seed);
    }
    expect(await seedHex(mnemonic, { passphrase, wordlists })).toBe(seed);
    expect(await seedHex(mnemonic.replace(/\s+/gu, " \n\u3000").toUpperCase(), { passphrase, wordlists })).toBe(seed);
  });
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
      const words = entropyToMnemonic(new Uint8Array(16).fill(0x3c), { wordlist });
      const expected = await seedHex(words, { wordlist });
      expect(await seedHex(words.normalize("NFC"), { wordlist })).toBe(expected);
      expect(await seedHex(words, { wordlist: wordlist.map((word) => word.normalize("NFC")) })).toBe(expected);
    }
  });
});

describe("is refused", () => {
  it.each([
    { id: "nothing", mnemonic: "", says: /has 0$/, problem: "word-count" },
    { id: "white space", mnemonic: " \n", says: /has 0$/, problem: "word-count" },
    { id: "11 words", mnemonic: "abandon ".repeat(11), says: /has 11$/, problem: "word-count" },
    { id: "13 words", mnemonic: `${twelve} hunter`, says: /has 13$/, problem: "word-count", position: 13 },
    { id: "27 words", mnemonic: "abandon ".repeat(27), says: /has 27$/, problem: "word-count" },
    {
      id: "an unknown word",
      mnemonic: twelve.replace("about", "hunter2"),
      says: /^Word 12 is not/,
      problem: "unknown-word",
      position: 12,
    },
    {
      id: "an abbreviation",
      mnemonic: twelve.replace("abandon", "aban"),
      says: /^Word 1 is not/,
      problem: "unknown-word",
      position: 1,
    },
    { id: "a wrong checksum", mnemonic: "abandon ".repeat(12), says: /checksum/, problem: "checksum" },
    { id: "numbers amiss", mnemonic: `2. ${twelve}`, says: /^The numbers/, problem: "numbering" },
    {
      id: "a name of Object",
      mnemonic: twelve.replace("about", "constructor"),
      says: /^Word 12 is not/,
      problem: "unknown-word",
      position: 12,
    },
  ])("$id, with an error that names no word", async ({ mnemonic, says, problem, position }) => {
    const error = await failure(mnemonic);
    expect(error).toBeInstanceOf(InvalidMnemonicError);
    expect(error instanceof MnemonicChecksumError).toBe(problem === "checksum");
    const code = problem === "checksum" ? "ERR_CB_MNEMONIC_CHECKSUM" : "ERR_CB_INVALID_MNEMONIC";
    expect(error).toMatchObject({ code, retryable: false, problem, position });
    expect(error.message).toMatch(says);
    expect(() => mnemonicToEntropy(mnemonic)).toThrow(expect.objectContaining({ code, problem, position }));
    expect(`${error.message} ${JSON.stringify(error)} ${error.cause}`).not.toMatch(/abandon|hunter|about|constructor/);
  });

  it.each([
    { id: "a mnemonic that is no text", given: [new Uint8Array(64)], error: TypeError },
    { id: "a list of words", given: [twelve.split(" ")], error: TypeError },
    { id: "an unknown option", given: [twelve, { password: "a" }], error: TypeError },
    { id: "a passphrase that is no text", given: [twelve, { passphrase: 1234 }], error: TypeError },
    { id: "a passphrase that is null", given: [twelve, { passphrase: null }], error: TypeError },
    { id: "a passphrase with half a character", given: [twelve, { passphrase: "1234\ud83d" }], error: RangeError },
    { id: "a list of 2047 words", given: [twelve, { wordlist: japanese.slice(1) }], error: TypeError },
    { id: "a word list that is text", given: [twelve, { wordlist: "english" }], error: TypeError },
    { id: "no word lists", given: [twelve, { wordlists: {} }], error: TypeError },
    { id: "word lists that are a list", given: [twelve, { wordlists: wordlists.english }], error: TypeError },
    { id: "one list and several", given: [twelve, { wordlist: japanese, wordlists }], error: TypeError },
  ])("$id, as a programmer's mistake", async ({ given, error }) => {
    const thrown = await failure(...(given as [string]));
    expect(thrown).toBeInstanceOf(error);
    expect(thrown.message).not.toMatch(/abandon|1234/);
  });

  it.each([
    {
      id: "entropy that is no bytes",
      run: () => entropyToMnemonic([...new Uint8Array(16)] as never),
      error: TypeError,
    },
    { id: "entropy of 15 bytes", run: () => entropyToMnemonic(new Uint8Array(15)), error: RangeError },
    { id: "entropy of 64 bytes", run: () => entropyToMnemonic(new Uint8Array(64)), error: RangeError },
    { id: "an option", run: () => entropyToMnemonic(new Uint8Array(16), { words: 12 } as never), error: TypeError },
    { id: "no random", run: () => generateMnemonic({} as never), error: TypeError },
    { id: "13 words", run: () => generateMnemonic({ random, words: 13 as never }), error: RangeError },
    { id: "words as text", run: () => generateMnemonic({ random, words: "12" as never }), error: RangeError },
    { id: "another option", run: () => generateMnemonic({ random, strength: 128 } as never), error: TypeError },
    { id: "too few bytes", run: () => generateMnemonic({ random: () => random(8) }), error: RangeError },
    { id: "no bytes", run: () => generateMnemonic({ random: (() => "4") as never }), error: TypeError },
    {
      id: "zeros alone",
      run: () => generateMnemonic({ random: (length) => new Uint8Array(length) }),
      error: RangeError,
    },
  ])("$id, by what makes words", ({ run, error }) => {
    expect(run).toThrow(error);
  });
});

const random = (length: number) => Uint8Array.from({ length }, (_, i) => i + 1);

describe("a new mnemonic", () => {
  it.each([12, 15, 18, 21, 24] as const)("has %i words, of as many random bytes as they hold", (words) => {
    const asked: number[] = [];
    const counted = (length: number) => {
      asked.push(length);
      return random(length);
    };
    const mnemonic = generateMnemonic({ words, random: counted });
    expect(mnemonic.split(" ")).toHaveLength(words);
    expect(asked).toEqual([(words / 3) * 4]);
    expect(mnemonicToEntropy(mnemonic)).toEqual(random(asked[0] as number));
  });

  it("has 24 words where none are asked for, of the language that is", () => {
    const mnemonic = generateMnemonic({ random, wordlist: japanese });
    expect(mnemonic.split("\u3000")).toHaveLength(24);
    expect(mnemonicToEntropy(mnemonic, { wordlist: japanese })).toEqual(random(32));
  });
});

it("gives its own bytes each time, and keeps none", async () => {
  const entropy = mnemonicToEntropy(twelve);
  entropy.fill(9);
  expect(mnemonicToEntropy(twelve)).toEqual(new Uint8Array(16));
  const given = random(16);
  entropyToMnemonic(given);
  expect(given).toEqual(random(16));
});

it("wipes the bytes of words and passphrase that it made", async () => {
  const seen: Uint8Array[] = [];
  const pbkdf2HmacSha512 = async (password: Uint8Array, salt: Uint8Array) => {
    seen.push(password, salt);
    return new Uint8Array(64);
  };
  await mnemonicToSeed(twelve, { passphrase: "TREZOR", primitives: { pbkdf2HmacSha512 } });
  const failing = mnemonicToSeed(twelve, {
    primitives: {
      pbkdf2HmacSha512: (...given) => {
        seen.push(given[0], given[1]);
        return Promise.reject(new Error("no"));
      },
    },
  });
  await expect(failing).rejects.toThrow("no");
  expect(seen).toHaveLength(4);
  for (const bytes of seen) expect(bytes.every((byte) => byte === 0)).toBe(true);
});

/** `[entropy, mnemonic, seed, xprv]`, under "english" or alone. */
function rowsOf(json: { english?: string[][] } | string[][]): Row[] {
  const rows = Array.isArray(json) ? json : (json.english ?? []);
  return rows.map((row) => {
    const [entropy, mnemonic, seed, xprv] = row as [string, string, string, string];
    return { entropy, mnemonic, seed, xprv };
  });
}
