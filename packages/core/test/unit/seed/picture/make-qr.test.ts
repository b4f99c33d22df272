import { describe, expect, it } from "vitest";
import { InvalidMnemonicError } from "../../../../src/seed/mnemonic-errors.ts";
import type { Luma } from "../../../../src/seed/picture/luma.ts";
import { decodePng } from "../../../../src/seed/picture/png.ts";
import { readQrPicture, seedQrModules, seedQrPng, seedQrSvg } from "../../../../src/seed/picture.ts";
import { formatSeedQr } from "../../../../src/seed/seed-qr.ts";
import { wordlist as spanish } from "../../../../src/seed/wordlists/spanish.ts";
import { cropTo } from "../../../seed-pictures.ts";
import { hasVectors, readVectorPicture, seedQrVectors, vector } from "../../../seed-qr-vectors.ts";

const SIZES = { 48: 25, 96: 29, 16: 21, 32: 25 };

/** Of a picture that is nothing but a code: whether the middle of each module is dark. */
function modulesOf(luma: Luma, count: number): boolean[][] {
  const code = cropTo(luma, 0);
  const at = (place: number) => Math.floor(((place + 0.5) * code.width) / count);
  return Array.from({ length: count }, (_, y) =>
    Array.from({ length: count }, (_, x) => (code.data[at(y) * code.width + at(x)] as number) < 128),
  );
}

describe("modules", () => {
  it.each(seedQrVectors)("are as many as SeedSigner's, of vector $number", ({ words, digits, compact }) => {
    expect(seedQrModules(words).length).toBe(SIZES[digits.length as 48 | 96]);
    expect(seedQrModules(words, { compact: true }).length).toBe(SIZES[compact.length as 16 | 32]);
  });

  it(hasVectors ? "are SeedSigner's own, each of them" : "are not compared: CLOUDBACKUP_VECTORS has no seedqr", () => {
    for (const { number, words } of hasVectors ? seedQrVectors.slice(0, 6) : []) {
      for (const kind of ["standard", "compact"]) {
        const modules = seedQrModules(words, { compact: kind === "compact" });
        const count = words.split(" ").length;
        const picture = decodePng(readVectorPicture(`seedqr/vector${number}_${kind}_${count}word.png`));
        expect(modules).toEqual(modulesOf(picture, modules.length));
      }
    }
  });
});

describe("pictures", () => {
  it("have a quiet zone of four modules, and modules of the size that is asked for", () => {
    const { words } = vector(4);
    const picture = decodePng(seedQrPng(words, { scale: 3 }));
    expect([picture.width, picture.height]).toEqual([33 * 3, 33 * 3]);
    expect(cropTo(picture, 0).width).toBe(25 * 3);
    expect(decodePng(seedQrPng(words)).width).toBe(33 * 8);
    expect(modulesOf(picture, 25)).toEqual(seedQrModules(words));
  });

  it("are read back, in another language too", () => {
    const words = "ábaco ábaco ábaco ábaco ábaco ábaco ábaco ábaco ábaco ábaco ábaco abierto";
    const read = readQrPicture(seedQrPng(words, { wordlist: spanish }));
    expect(new TextDecoder().decode(read)).toBe(formatSeedQr(words, { wordlist: spanish }));
    expect(readQrPicture(seedQrPng(words, { wordlist: spanish, compact: true }))).toEqual(new Uint8Array(16));
  });

  it("are drawn as SVG, dark on white", () => {
    const { words } = vector(4);
    const svg = seedQrSvg(words, { compact: true });
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 29 29" /);
    expect(svg).toContain('<path fill="#fff" d="M0 0h29v29H0z"/>');
    const drawn = [...svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${Number(x) - 4},${Number(y) - 4}`);
    const dark = seedQrModules(words, { compact: true }).flatMap((row, y) =>
      row.flatMap((is, x) => (is ? `${x},${y}` : [])),
    );
    expect(drawn).toEqual(dark);
  });

  it("are not made of anything else", () => {
    const { words } = vector(4);
    for (const make of [seedQrModules, seedQrSvg, seedQrPng]) {
      expect(() => make("forum undo")).toThrow(InvalidMnemonicError);
      expect(() => make(words, { compacted: true } as object)).toThrow(TypeError);
      expect(() => make(words, { compact: 1 } as object)).toThrow(TypeError);
    }
    for (const scale of [0, 1.5, 65]) expect(() => seedQrPng(words, { scale })).toThrow(RangeError);
  });
});
