/** A point of a curve over GF(256) for each byte: x is public, y one array of bytes. */
export interface Point {
  /** 0 to 255. */
  x: number;
  y: Uint8Array;
}

/** x^8 + x^4 + x^3 + x + 1, Rijndael's. */
const POLYNOMIAL = 0x11b;

/**
 * The curve through `points` at `x`: Lagrange's interpolation, byte by byte. No table is read and no branch taken at the
 * place that a secret says.
 *
 * @param points of different x, and of one length
 * @see SLIP-39, "Shamir's secret sharing scheme"
 */
export function interpolate(points: readonly Point[], x: number): Uint8Array {
  const result = new Uint8Array(points[0]?.y.length ?? 0);
  for (const point of points) {
    let basis = 1;
    for (const other of points) {
      if (other !== point) basis = multiply(basis, multiply(x ^ other.x, inverse(point.x ^ other.x)));
    }
    for (let i = 0; i < result.length; i++) result[i] = (result[i] as number) ^ multiply(point.y[i] as number, basis);
  }
  return result;
}

function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit++) {
    product ^= a & -((b >>> bit) & 1);
    a = (a << 1) ^ (POLYNOMIAL & -(a >>> 7));
  }
  return product;
}

/** a^254: the group has 255 elements. */
function inverse(a: number): number {
  let power = a;
  for (let i = 0; i < 6; i++) power = multiply(multiply(power, power), a);
  return multiply(power, power);
}
