import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entropyToMnemonic } from "../../src/seed/mnemonic.ts";
import { readQrPicture, seedQrPng } from "../../src/seed/picture.ts";
import { formatSeedQr, parseSeedQr } from "../../src/seed/seed-qr.ts";
import { InvalidSeedQrError } from "../../src/seed/seed-qr-error.ts";

const entropies = fc
  .constantFrom(16, 20, 24, 28, 32)
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));

describe("any entropy", () => {
  it("comes back from digits, bytes, words and paper", () => {
    fc.assert(
      fc.property(entropies, fc.integer({ min: 1_231_006_505, max: 2 ** 32 - 1 }), (entropy, birthday) => {
        const mnemonic = entropyToMnemonic(entropy);
        const hex = Buffer.from(entropy).toString("hex");
        const digits = formatSeedQr(mnemonic);
        const bytes = formatSeedQr(mnemonic, { compact: true });
        expect(parseSeedQr(digits)).toEqual({ format: "seedqr", mnemonic, entropy });
        expect(parseSeedQr(bytes)).toEqual({ format: "compact-seedqr", mnemonic, entropy });
        expect(parseSeedQr(mnemonic)).toEqual({ format: "mnemonic", mnemonic, entropy });
        const paper = { format: "paper-wallet", mnemonic, entropy, birthday };
        expect(parseSeedQr(`Seed=${hex}&Time=${birthday}`)).toEqual(paper);
      }),
    );
  });

  it("comes back from a picture", () => {
    fc.assert(
      fc.property(entropies, fc.boolean(), fc.integer({ min: 1, max: 10 }), (entropy, compact, scale) => {
        const picture = seedQrPng(entropyToMnemonic(entropy), { compact, scale });
        expect(parseSeedQr(readQrPicture(picture)).entropy).toEqual(entropy);
      }),
      { numRuns: 60 },
    );
  });
});

describe("digits of which one is changed", () => {
  it("are refused, but for the one in sixteen or more that is another mnemonic", () => {
    fc.assert(
      fc.property(entropies, fc.nat(), fc.integer({ min: 1, max: 9 }), (entropy, at, by) => {
        const digits = formatSeedQr(entropyToMnemonic(entropy));
        const place = at % digits.length;
        const changed = `${digits.slice(0, place)}${(Number(digits[place]) + by) % 10}${digits.slice(place + 1)}`;
        try {
          expect(formatSeedQr(parseSeedQr(changed).mnemonic)).toBe(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidSeedQrError);
        }
      }),
    );
  });
});
