import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { expand, hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { pbkdf2Async } from "@noble/hashes/pbkdf2.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { deflateSync, Inflate, inflateSync } from "fflate";
import type { Primitives, SeedPrimitives, ShamirPrimitives } from "./primitives.ts";

/** Runs wherever JavaScript does: noble and fflate, both audited or widely used, neither with dependencies. */
export const portablePrimitives: Primitives = {
  sha256: (bytes) => sha256(bytes),
  createSha256() {
    const hash = sha256.create();
    return {
      update(bytes) {
        hash.update(bytes);
      },
      digest: () => hash.clone().digest(),
    };
  },
  hmacSha256: (key, bytes) => hmac(sha256, key, bytes),
  hkdfSha256: (ikm, salt, info, length) => hkdf(sha256, ikm, salt, info, length),
  hkdfExpandSha256: (prk, info, length) => expand(sha256, prk, info, length),
  sealXChaCha20Poly1305: (key, nonce, aad, plaintext, into) =>
    xchacha20poly1305(key, nonce, aad).encrypt(plaintext, into),
  openXChaCha20Poly1305(key, nonce, aad, box) {
    try {
      return xchacha20poly1305(key, nonce, aad).decrypt(box);
    } catch {
      return null;
    }
  },
  deflateRaw: (bytes) => deflateSync(bytes),
  inflateRaw(stored, rawLength) {
    // One byte of room: a stream that gives more fills it, where it is not null at once.
    const raw = tryInflate(stored, rawLength + 1);
    if (raw?.length !== rawLength) return null;
    // fflate does not tell where a stream ended. It ended with the last byte if it is cut off without that byte.
    if (tryInflate(stored.subarray(0, -1), rawLength + 1) !== null) return null;
    return raw;
  },
};

export const portableSeedPrimitives: SeedPrimitives & ShamirPrimitives = {
  pbkdf2HmacSha512: (password, salt, iterations, length) =>
    pbkdf2Async(sha512, password, salt, { c: iterations, dkLen: length }),
  pbkdf2HmacSha256: (password, salt, iterations, length) =>
    pbkdf2Async(sha256, password, salt, { c: iterations, dkLen: length }),
};

export { portablePrimitives as defaultPrimitives, portableSeedPrimitives as defaultSeedPrimitives };

/*
 * fflate inflates all that it is given, and a byte can become 1,032. A chunk's bytes, half a second's work at worst, are
 * given at once, since pieces take several times as long; longer streams, those of envelopes, piece by piece.
 */
const WHOLE_BYTES = 64 * 1024;
const PIECE_BYTES = 16 * 1024;

/** What a stream gives, or its first `maxBytes`; null where it is broken or cut off. May be null where it gives more. */
function tryInflate(stored: Uint8Array, maxBytes: number): Uint8Array | null {
  const out = new Uint8Array(maxBytes);
  try {
    return stored.length > WHOLE_BYTES ? inflatePieces(stored, out) : inflateSync(stored, { out });
  } catch {
    return null;
  }
}

/** Throws as soon as there is more than `out` holds. */
function inflatePieces(stored: Uint8Array, out: Uint8Array): Uint8Array {
  let length = 0;
  const stream = new Inflate((part) => {
    out.set(part, length);
    length += part.length;
  });
  for (let at = 0; at < stored.length; at += PIECE_BYTES) {
    stream.push(stored.subarray(at, at + PIECE_BYTES), at + PIECE_BYTES >= stored.length);
  }
  return out.subarray(0, length);
}
