import type { secp256k1 as curve } from "@noble/curves/secp256k1.js";
import { etc, getPublicKey, Point, utils } from "@noble/secp256k1";

type Curve = typeof curve;
type Scalars = Pick<Curve["Point"]["Fn"], "create" | "fromBytes" | "isValid" | "isValidNot0" | "toBytes">;

const { n: ORDER } = Point.CURVE();

/** Scalars modulo the order, as `@scure/bip32` adds them. Reading does not reduce: BIP-32 goes on with the next index. */
const Fn: Scalars = {
  create: (scalar) => etc.mod(scalar, ORDER),
  fromBytes: (bytes) => etc.bytesToNumberBE(bytes),
  isValid: (scalar) => 0n <= scalar && scalar < ORDER,
  isValidNot0: (scalar) => 0n < scalar && scalar < ORDER,
  toBytes: (scalar) => etc.numberToBytesBE(scalar),
};

/**
 * What `@scure/bip32` needs of `@noble/curves/secp256k1.js` to derive keys, by the smaller library of the same author.
 * `HDKey.sign` and `verify` are not among it: format 1 signs with Ed25519.
 */
export const secp256k1 = {
  getPublicKey,
  utils,
  Point: { BASE: Point.BASE, ZERO: Point.ZERO, Fn, fromBytes: (bytes: Uint8Array) => Point.fromBytes(bytes) },
};
