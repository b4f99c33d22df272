import { describe, expect, it } from "vitest";
import { NoQrCodeError } from "../../../../src/seed/picture/errors.ts";
import type { Luma } from "../../../../src/seed/picture/luma.ts";
import { decodePng } from "../../../../src/seed/picture/png.ts";
import { readQr } from "../../../../src/seed/picture/read-qr.ts";
import { seedQrPng } from "../../../../src/seed/picture.ts";
import { parseSeedQr } from "../../../../src/seed/seed-qr.ts";
import { cropTo, fromBelow, type Mishap, mishap, within } from "../../../seed-pictures.ts";
import { hasVectors, readVectorPicture, seedQrVectors, vector } from "../../../seed-qr-vectors.ts";

const VECTOR_PICTURES = [
  "seedqr/vector1_compact_24word.png",
  "seedqr/vector1_standard_24word.png",
  "seedqr/vector2_compact_24word.png",
  "seedqr/vector2_standard_24word.png",
  "seedqr/vector3_compact_24word.png",
  "seedqr/vector3_standard_24word.png",
  "seedqr/vector4_compact_12word.png",
  "seedqr/vector4_standard_12word.png",
  "seedqr/vector5_compact_12word.png",
  "seedqr/vector5_standard_12word.png",
  "seedqr/vector6_compact_12word.png",
  "seedqr/vector6_standard_12word.png",
];

/** Those of the vectors, or some of our own making. */
const pictures: { id: string; luma: Luma; words: string }[] = hasVectors
  ? VECTOR_PICTURES.map((path) => ({
      id: path,
      luma: decodePng(readVectorPicture(path)),
      words: vector(Number(/vector(\d)/u.exec(path)?.[1])).words,
    }))
  : seedQrVectors.flatMap(({ number, words }) =>
      [false, true].map((compact) => ({
        id: `vector ${number}${compact ? ", compact" : ""}, drawn here: CLOUDBACKUP_VECTORS has no seedqr`,
        luma: decodePng(seedQrPng(words, { compact })),
        words,
      })),
    );

const QUARTERS = [0, 90, 180, 270];
const DEGREES = [1, -1, 2, -3, 5, -7, 10, -10];
const SCALES = [0.5, 0.75, 1.5, 2, 3];
const SOILED: Mishap = { blur: 1.5, noise: 20 };

const mishaps: Mishap[] = [
  ...QUARTERS.map((turn) => ({ turn })),
  ...DEGREES.map((turn) => ({ turn })),
  ...SCALES.map((scale) => ({ scale })),
  { blur: 1 },
  { blur: 1.5 },
  { noise: 20 },
  SOILED,
  { shades: [100, 155] },
  { shades: [110, 146], noise: 5 },
  { shades: [255, 0] },
  // All of it at once.
  { ...SOILED, turn: 97, scale: 0.5 },
  { ...SOILED, turn: -10, scale: 0.75 },
  { ...SOILED, turn: 173, shades: [255, 0] },
  { ...SOILED, turn: 275, scale: 1.5, shades: [60, 180] },
];

describe.each(pictures)("$id", ({ luma, words }) => {
  it.each(mishaps)("is read after %j", (what) => {
    expect(parseSeedQr(readQr(mishap(luma, what, 1))).mnemonic).toBe(words);
  });

  it("is read from the side, and in a corner of a larger picture", () => {
    for (const [nearer, turn] of [
      [0.15, 0],
      [0.3, 45],
      [0.5, 20],
    ] as const) {
      const seen = fromBelow(mishap(luma, { scale: 2, blur: 1, noise: 10, turn }, 1), nearer);
      expect(parseSeedQr(readQr(seen)).mnemonic).toBe(words);
      if (turn === 45) expect(parseSeedQr(readQr(within(seen, 1500, 1100, 2))).mnemonic).toBe(words);
    }
  });

  it.each([0, 3])("is read with a quiet zone of %i pixels, dark on light and light on dark", (rim) => {
    const cropped = cropTo(luma, rim);
    expect(parseSeedQr(readQr(cropped)).mnemonic).toBe(words);
    expect(parseSeedQr(readQr({ ...cropped, data: cropped.data.map((shade) => 255 - shade) })).mnemonic).toBe(words);
  });
});

describe("bytes come out as they are", () => {
  it.each(seedQrVectors)("of vector $number", ({ words, digits, compact }) => {
    expect(readQr(decodePng(seedQrPng(words, { compact: true })))).toEqual(compact);
    expect(new TextDecoder().decode(readQr(decodePng(seedQrPng(words))))).toBe(digits);
  });
});

describe("modules of few pixels", () => {
  it.each([1, 2, 3])("are read: %i", (scale) => {
    const { words } = vector(4);
    for (const compact of [false, true]) {
      expect(parseSeedQr(readQr(decodePng(seedQrPng(words, { compact, scale })))).mnemonic).toBe(words);
    }
  });
});

describe("no code", () => {
  const blank = (width: number, height: number, shade: number): Luma => ({
    width,
    height,
    data: new Uint8Array(width * height).fill(shade),
  });
  const noise = mishap(blank(300, 200, 128), { noise: 60 }, 7);
  const half = decodePng(seedQrPng(vector(4).words));
  it.each([
    { id: "a single pixel", luma: blank(1, 1, 0) },
    { id: "a line", luma: blank(500, 1, 0) },
    { id: "black", luma: blank(100, 100, 0) },
    { id: "white", luma: blank(100, 100, 255) },
    { id: "noise", luma: noise },
    { id: "half a code", luma: { ...half, height: half.height >> 1, data: half.data.slice(0, half.data.length >> 1) } },
  ])("in $id", ({ luma }) => {
    expect(() => readQr(luma)).toThrow(NoQrCodeError);
  });
});
