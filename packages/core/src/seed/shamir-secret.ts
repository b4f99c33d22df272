import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { assertBytes, concatBytes, copyBytes } from "../bytes.ts";
import { interpolate, type Point } from "./shamir-field.ts";

/** Where the curve holds the secret, and where its digest. Members stand at 0 to 15. */
const SECRET_X = 255;
const DIGEST_X = 254;
const DIGEST_BYTES = 4;

/**
 * `count` points of a curve that any `threshold` of them give away, at x = 0, 1, … With a threshold of one each is the
 * secret itself.
 *
 * @see SLIP-39, "Shamir's secret sharing scheme"
 */
export function splitBytes(
  secret: Uint8Array,
  threshold: number,
  count: number,
  random: (length: number) => Uint8Array,
): Point[] {
  if (threshold === 1) return Array.from({ length: count }, (_, x) => ({ x, y: copyBytes(secret) }));
  const points: Point[] = [];
  for (let x = 0; x < threshold - 2; x++) points.push({ x, y: draw(random, secret.length) });
  const noise = draw(random, secret.length - DIGEST_BYTES);
  const digest = { x: DIGEST_X, y: concatBytes(digestOf(secret, noise), noise) };
  const curve = [...points, digest, { x: SECRET_X, y: secret }];
  for (let x = threshold - 2; x < count; x++) points.push({ x, y: interpolate(curve, x) });
  noise.fill(0);
  digest.y.fill(0);
  return points;
}

/**
 * What was split, or null where the points are not all of one curve, or the curve's digest says that they are not of
 * this secret.
 *
 * @param points `threshold` of them at least
 */
export function recoverBytes(points: readonly Point[], threshold: number): Uint8Array | null {
  const curve = points.slice(0, threshold);
  const fits = points.slice(threshold).map(({ x, y }) => {
    const expected = interpolate(curve, x);
    const isSame = sameBytes(expected, y);
    expected.fill(0);
    return isSame;
  });
  const secret = interpolate(curve, SECRET_X);
  if (threshold > 1) {
    const digest = interpolate(curve, DIGEST_X);
    const noise = digest.subarray(DIGEST_BYTES);
    fits.push(sameBytes(digestOf(secret, noise), digest.subarray(0, DIGEST_BYTES)));
    digest.fill(0);
  }
  if (fits.every((fit) => fit)) return secret;
  secret.fill(0);
  return null;
}

function digestOf(secret: Uint8Array, noise: Uint8Array): Uint8Array {
  return hmac(sha256, noise, secret).subarray(0, DIGEST_BYTES);
}

/** A copy: two results may be one array. */
function draw(random: (length: number) => Uint8Array, length: number): Uint8Array {
  const bytes = random(length);
  assertBytes(bytes, "the result of random", length);
  return copyBytes(bytes);
}

/** In the same time wherever they differ. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
