import { describe, expect, it } from "vitest";
import { concatBytes, hexToBytes, utf8ToBytes } from "../../../src/bytes.ts";
import { entropyToMnemonic } from "../../../src/seed/mnemonic.ts";
import { InvalidMnemonicError, MnemonicChecksumError } from "../../../src/seed/mnemonic-errors.ts";
import { formatSeedQr, parseSeedQr } from "../../../src/seed/seed-qr.ts";
import type { InvalidSeedQrError } from "../../../src/seed/seed-qr-error.ts";
import { wordlists } from "../../../src/seed/wordlists.ts";
import { errorOf } from "../../fixtures.ts";
import { hasVectors, seedQrVectors, vector } from "../../seed-qr-vectors.ts";

const latin1 = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const { words, digits, compact } = vector(4);

const refusal = (payload: string | Uint8Array) => (errorOf(() => parseSeedQr(payload)) as InvalidSeedQrError).reason;

/** As ZXing gives the bytes of a code: mode, length, bytes, end, padding to what the code has room for. */
function framed(bytes: Uint8Array, room: number): Uint8Array {
  const hex = `4${bytes.length.toString(16).padStart(2, "0")}${Buffer.from(bytes).toString("hex")}0`;
  const padding = Array.from({ length: room - bytes.length - 2 }, (_, i) => (i % 2 === 0 ? 0xec : 0x11));
  return concatBytes(hexToBytes(hex), Uint8Array.from(padding));
}

describe(hasVectors ? "seedqr/README.md" : "vectors written down here: CLOUDBACKUP_VECTORS has no seedqr", () => {
  it("has all vectors", () => {
    expect(seedQrVectors).toHaveLength(hasVectors ? 9 : 5);
  });

  it.each(seedQrVectors)("$number is read from digits and bytes, and written", ({ words, digits, compact }) => {
    const standard = { format: "seedqr", mnemonic: words, entropy: compact };
    expect(parseSeedQr(digits)).toEqual(standard);
    expect(parseSeedQr(utf8ToBytes(digits))).toEqual(standard);
    expect(parseSeedQr(` ${digits}\r\n`)).toEqual(standard);
    expect(parseSeedQr(compact)).toEqual({ ...standard, format: "compact-seedqr" });
    expect(parseSeedQr(words)).toEqual({ ...standard, format: "mnemonic" });
    expect(formatSeedQr(words)).toBe(digits);
    expect(formatSeedQr(words, { compact: true })).toEqual(compact);
  });

  it.each(seedQrVectors)("$number is refused where its bytes were made text", ({ compact }) => {
    expect(refusal(latin1(compact))).toBe("bytes-as-text");
    expect(refusal(new TextDecoder().decode(compact))).toBe("bytes-as-text");
    expect(refusal(latin1(compact.map((byte) => byte | 0x80 | 0x20)))).toBe("bytes-as-text");
  });
});

describe("bytes", () => {
  it.each([16, 20, 24, 28, 32])("of %i are entropy, whatever they are", (length) => {
    for (const fill of [0, 0x0a, 0x0d, 0x20, 0xff]) {
      const bytes = new Uint8Array(length).fill(fill);
      const { format, mnemonic, entropy } = parseSeedQr(bytes);
      expect([format, mnemonic]).toEqual(["compact-seedqr", entropyToMnemonic(bytes)]);
      expect(entropy).toEqual(bytes);
      entropy.fill(1);
      expect(bytes).toEqual(new Uint8Array(length).fill(fill));
    }
  });

  it("are read with the frame that some scanners leave around them", () => {
    expect(parseSeedQr(framed(compact, 19)).mnemonic).toBe(words);
    const long = Uint8Array.from({ length: 32 }, (_, i) => i * 9);
    expect(parseSeedQr(framed(long, 34)).entropy).toEqual(long);
    expect(parseSeedQr(framed(long, 55)).entropy).toEqual(long);
    for (const length of [20, 24, 28]) {
      expect(parseSeedQr(framed(long.slice(0, length), 34)).entropy).toEqual(long.slice(0, length));
    }
    // Padding that is none, an end that is none, a length that is none.
    const wrong = [18, 17, 1].map((at) => framed(compact, 19).map((byte, i) => (i === at ? byte ^ 0x21 : byte)));
    for (const bytes of wrong) expect(refusal(bytes)).toMatch(/^(unknown-form|bytes-as-text)$/);
  });

  it.each([
    { id: "a link", text: "https://a.example/12" },
    { id: "an address of bitcoin", text: "bitcoin:1BoatSLRHtKNngkdXEeo" },
    { id: "a number", text: "4006381333931000" },
    { id: "hex of entropy", text: "5bbd9d71a8ec7990831aff359d426545" },
  ])("that are text of that length are none: $id", ({ text }) => {
    expect([16, 20, 24, 28, 32]).toContain(text.length);
    expect(refusal(utf8ToBytes(text))).toMatch(/^(unknown-form|length)$/);
    expect(refusal(text)).toMatch(/^(unknown-form|length)$/);
  });

  it("that are neither text nor entropy are refused", () => {
    expect(refusal(Uint8Array.of(0xff, 0xfe, 0xc0))).toBe("unknown-form");
    expect(refusal(new Uint8Array(17))).toBe("bytes-as-text");
    expect(refusal(new Uint8Array(0))).toBe("unknown-form");
  });
});

describe("words as text", () => {
  it("may be of any language, with any white space and case", () => {
    for (const wordlist of Object.values(wordlists)) {
      const mnemonic = entropyToMnemonic(compact, { wordlist });
      const read = parseSeedQr(`\n${mnemonic.toUpperCase().replaceAll(/\s/gu, "  \t")} `, { wordlists });
      expect(read).toEqual({ format: "mnemonic", mnemonic: mnemonic.normalize("NFKD"), entropy: compact });
      expect(parseSeedQr(utf8ToBytes(mnemonic.normalize("NFC")), { wordlists }).entropy).toEqual(compact);
    }
    const chinese = entropyToMnemonic(compact, { wordlist: wordlists["chinese-traditional"] }).replaceAll(" ", "");
    expect(parseSeedQr(chinese, { wordlists }).entropy).toEqual(compact);
  });

  it("fail as words do", () => {
    expect(() => parseSeedQr(words.replace("merit", "off"))).toThrow(MnemonicChecksumError);
    expect(() => parseSeedQr(words.replace("merit", "merits"))).toThrow(
      expect.objectContaining({ code: "ERR_CB_INVALID_MNEMONIC", position: 12 }),
    );
    expect(() => parseSeedQr("what is written here are more words than 12 but no seed")).toThrow(InvalidMnemonicError);
  });
});

describe("digits and bytes in another language", () => {
  it("are read by its list", () => {
    for (const wordlist of Object.values(wordlists)) {
      const mnemonic = entropyToMnemonic(compact, { wordlist });
      const read = { mnemonic: mnemonic.normalize("NFKD"), entropy: compact };
      expect(parseSeedQr(formatSeedQr(mnemonic, { wordlist }), { wordlist })).toEqual({ format: "seedqr", ...read });
      expect(parseSeedQr(formatSeedQr(mnemonic, { wordlist, compact: true }), { wordlist })).toEqual({
        format: "compact-seedqr",
        ...read,
      });
    }
  });
});

describe("is refused", () => {
  it.each([
    { id: "nothing", payload: "", reason: "unknown-form" },
    { id: "white space", payload: " \n", reason: "unknown-form" },
    { id: "one word", payload: "abandon", reason: "unknown-form" },
    { id: "a long link", payload: "https://backup.example/a/path/that/is/longer/than/a/seed", reason: "unknown-form" },
    { id: "an xpub", payload: `xpub${"a".repeat(107)}`, reason: "unknown-form" },
    { id: "a private use character", payload: `${words} \ue000`, reason: "bytes-as-text" },
    { id: "a NUL after the words", payload: `${words}\0`, reason: "bytes-as-text" },
    { id: "a digit too few", payload: digits.slice(1), reason: "length" },
    { id: "a digit too many", payload: `${digits}0`, reason: "length" },
    { id: "nine words", payload: digits.slice(0, 36), reason: "length" },
    { id: "27 words", payload: "0".repeat(108), reason: "length" },
    { id: "an index of 2048", payload: `2048${digits.slice(4)}`, reason: "index" },
    { id: "an index of 9999", payload: `${digits.slice(0, -4)}9999`, reason: "index" },
    { id: "a digit that is changed", payload: digits.replace(/6$/, "7"), reason: "checksum" },
    {
      id: "words that are swapped",
      payload: digits.slice(4, 8) + digits.slice(0, 4) + digits.slice(8),
      reason: "checksum",
    },
    { id: "a paper wallet without a seed", payload: "Seed=&Time=1404172800", reason: "paper-wallet" },
  ])("$id", ({ payload, reason }) => {
    expect(refusal(payload)).toBe(reason);
    expect(refusal(utf8ToBytes(payload))).toBe(reason);
  });

  it("without saying what it held", () => {
    const secrets = [
      digits.replace(/6$/, "7"),
      `Seed=${"5b".repeat(15)}&Time=1`,
      latin1(compact),
      "https://secret.example/",
    ];
    for (const secret of secrets) {
      try {
        parseSeedQr(secret);
        expect.unreachable();
      } catch (error) {
        const said = `${JSON.stringify(
          error,
          Object.getOwnPropertyNames(error).filter((name) => name !== "stack"),
        )}`;
        for (let at = 0; at + 6 <= secret.length; at++) expect(said).not.toContain(secret.slice(at, at + 6));
      }
    }
  });

  it("what is no payload, and what is no option", () => {
    for (const payload of [undefined, 48, [1, 2], new Uint8Array(16).buffer]) {
      expect(() => parseSeedQr(payload as unknown as string)).toThrow(TypeError);
    }
    expect(() => parseSeedQr(digits, { words: 12 } as object)).toThrow(TypeError);
    expect(() => parseSeedQr(digits, { wordlist: ["a"] })).toThrow(TypeError);
    expect(() => parseSeedQr(digits, { wordlists: {} })).toThrow(TypeError);
    expect(() => parseSeedQr(digits, { now: "today" as unknown as number })).toThrow(TypeError);
    expect(() => parseSeedQr(digits, { now: 1.5 })).toThrow(RangeError);
    expect(() => formatSeedQr(words, { compact: "yes" } as object)).toThrow(TypeError);
    expect(() => formatSeedQr(words, { format: "compact" } as object)).toThrow(TypeError);
    expect(() => formatSeedQr("abandon")).toThrow(InvalidMnemonicError);
  });
});
