import { describe, expect, it } from "vitest";
import { interpolate } from "../../../src/seed/shamir-field.ts";
import { recoverBytes, splitBytes } from "../../../src/seed/shamir-secret.ts";
import { noise, seededRandom } from "../../noise.ts";

/** Multiplication as FIPS 197 §4.2 describes it: polynomials, then their remainder. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) if ((b >> bit) & 1) product ^= a << bit;
  for (let bit = 14; bit >= 8; bit--) if ((product >> bit) & 1) product ^= 0x11b << (bit - 8);
  return product;
}

/** A polynomial's value, by Horner. */
const evaluate = (coefficients: readonly number[], x: number) =>
  coefficients.reduceRight((sum, coefficient) => multiply(sum, x) ^ coefficient, 0);

describe("a curve over GF(256)", () => {
  it("is what its polynomial says, everywhere", () => {
    const coefficients = Array.from({ length: 16 }, (_, i) => [...noise(16, i)]);
    for (const degree of [1, 2, 5, 16]) {
      const curves = coefficients.map((all) => all.slice(0, degree));
      const at = (x: number) => Uint8Array.from(curves, (curve) => evaluate(curve, x));
      const points = Array.from({ length: degree }, (_, i) => ({ x: (i * 37) % 256, y: at((i * 37) % 256) }));
      for (let x = 0; x < 256; x++) expect(interpolate(points, x)).toEqual(at(x));
    }
  });

  it("goes through what FIPS 197 §4.2 multiplies: {57} · {13} = {fe}", () => {
    expect(multiply(0x57, 0x13)).toBe(0xfe);
    // From 0 at 0 to {57} at 1, a line is {57} · x.
    const line = [
      { x: 0, y: Uint8Array.of(0) },
      { x: 1, y: Uint8Array.of(0x57) },
    ];
    expect(interpolate(line, 0x13)).toEqual(Uint8Array.of(0xfe));
  });
});

describe("bytes that are split", () => {
  const secret = noise(16, 7);

  it("show nothing of themselves in fewer shares than needed: any secret fits them", () => {
    const shares = splitBytes(secret, 3, 5, seededRandom()).slice(0, 2);
    for (const other of [noise(16, 8), new Uint8Array(16)]) {
      const curve = [...shares, { x: 255, y: other }];
      expect(interpolate(curve, 255)).toEqual(other);
      expect(interpolate(curve, 0)).toEqual(shares[0]?.y);
    }
  });

  it("are refused where a byte of a share is another", () => {
    const shares = splitBytes(secret, 3, 5, seededRandom());
    expect(recoverBytes(shares.slice(2), 3)).toEqual(secret);
    for (let i = 0; i < secret.length; i++) {
      const y = Uint8Array.from(shares[0]?.y as Uint8Array, (byte, at) => (at === i ? byte ^ 1 : byte));
      expect(recoverBytes([{ x: 0, y }, ...shares.slice(1, 3)], 3)).toBeNull();
      // One more than is needed, at any place.
      expect(recoverBytes([...shares.slice(1, 4), { x: 0, y }], 3)).toBeNull();
      expect(recoverBytes([{ x: 0, y }, ...shares.slice(1)], 3)).toBeNull();
    }
  });

  it("are each share itself where one is enough, and all of one kind", () => {
    const [only, other] = splitBytes(secret, 1, 2, seededRandom());
    expect(only).toEqual({ x: 0, y: secret });
    expect(only?.y).not.toBe(secret);
    expect(recoverBytes([only as NonNullable<typeof only>], 1)).toEqual(secret);
    other?.y.fill(0);
    expect(recoverBytes([only, other] as { x: number; y: Uint8Array }[], 1)).toBeNull();
  });
});
