import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  pbkdf2,
} from "node:crypto";
import { promisify } from "node:util";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { hchacha } from "@noble/ciphers/chacha.js";
import type { Primitives, SeedPrimitives, ShamirPrimitives } from "./primitives.ts";

const TAG_BYTES = 16;
const CIPHER = "chacha20-poly1305";
const SHA256_BYTES = 32;

/**
 * The bulk work by Node's own OpenSSL and zlib: the same bytes as the portable primitives, DEFLATE's choices apart.
 *
 * Keys are given as `KeyObject`s: of bytes Node finds out by a thrown error that they are none, which takes it longer than
 * a small chunk. OpenSSL wipes its copy when the object goes.
 */
export const nativePrimitives: Primitives = {
  sha256: (bytes) => plain(createHash("sha256").update(bytes).digest()),
  createSha256() {
    const hash = createHash("sha256");
    return {
      update(bytes) {
        hash.update(bytes);
      },
      digest: () => plain(hash.copy().digest()),
    };
  },
  hmacSha256: (key, bytes) => plain(createHmac("sha256", createSecretKey(key)).update(bytes).digest()),
  hkdfSha256: (ikm, salt, info, length) => new Uint8Array(hkdfSync("sha256", createSecretKey(ikm), salt, info, length)),
  hkdfExpandSha256,
  sealXChaCha20Poly1305(key, nonce, aad, plaintext, into = new Uint8Array(plaintext.length + TAG_BYTES)) {
    const inner = innerKey(key, nonce);
    const cipher = createCipheriv(CIPHER, inner.key, inner.nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(aad, { plaintextLength: plaintext.length });
    into.set(cipher.update(plaintext));
    // A stream cipher: `final` has nothing left to give, it makes the tag.
    cipher.final();
    into.set(cipher.getAuthTag(), plaintext.length);
    return into;
  },
  openXChaCha20Poly1305(key, nonce, aad, box) {
    if (box.length < TAG_BYTES) return null;
    const inner = innerKey(key, nonce);
    const end = box.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, inner.key, inner.nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(aad, { plaintextLength: end });
    decipher.setAuthTag(box.subarray(end));
    const plaintext = plain(decipher.update(box.subarray(0, end)));
    try {
      decipher.final();
      return plaintext;
    } catch {
      plaintext.fill(0);
      return null;
    }
  },
  deflateRaw: (bytes) => plain(deflateRawSync(bytes, { chunkSize: roomFor(bytes.length) })),
  inflateRaw(stored, rawLength) {
    try {
      // `info` tells how many bytes the stream took; one byte of room shows a stream that gives more.
      const { buffer, engine } = inflateRawSync(stored, {
        info: true,
        maxOutputLength: rawLength + 1,
        chunkSize: roomFor(rawLength + 1),
      }) as unknown as {
        buffer: Buffer;
        engine: { bytesWritten: number };
      };
      return buffer.length === rawLength && engine.bytesWritten === stored.length ? plain(buffer) : null;
    } catch {
      return null;
    }
  },
};

export const nativeSeedPrimitives: SeedPrimitives & ShamirPrimitives = {
  pbkdf2HmacSha512: async (password, salt, iterations, length) =>
    plain(await promisify(pbkdf2)(password, salt, iterations, length, "sha512")),
  pbkdf2HmacSha256: async (password, salt, iterations, length) =>
    plain(await promisify(pbkdf2)(password, salt, iterations, length, "sha256")),
};

export { nativePrimitives as defaultPrimitives, nativeSeedPrimitives as defaultSeedPrimitives };

/** RFC 5869 §2.3. Node has both steps of HKDF as one; here the first is done already. */
function hkdfExpandSha256(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const okm = new Uint8Array(length);
  const key = createSecretKey(prk);
  let block: Uint8Array = new Uint8Array();
  for (let at = 0, counter = 1; at < length; at += SHA256_BYTES, counter++) {
    block = createHmac("sha256", key).update(block).update(info).update(Uint8Array.of(counter)).digest();
    okm.set(block.subarray(0, length - at), at);
  }
  return okm;
}

/**
 * XChaCha20 is HChaCha20, which turns the key and the first 16 bytes of the nonce into another key, followed by IETF
 * ChaCha20 under four zero bytes and the other 8. OpenSSL has the second step alone.
 *
 * @see draft-irtf-cfrg-xchacha-03 §2.3
 */
function innerKey(key: Uint8Array, nonce: Uint8Array): { key: KeyObject; nonce: Uint8Array } {
  const derived = new Uint32Array(8);
  hchacha(SIGMA, words(key), words(nonce.subarray(0, 16)), derived);
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < derived.length; i++) view.setUint32(i * 4, derived[i] as number, true);
  derived.fill(0);
  const innerNonce = new Uint8Array(12);
  innerNonce.set(nonce.subarray(16), 4);
  const innerKeyObject = createSecretKey(bytes);
  bytes.fill(0);
  return { key: innerKeyObject, nonce: innerNonce };
}

/** For zlib to write into at once: with less it joins pieces, and it wants 64 bytes at least. */
function roomFor(length: number): number {
  return Math.max(length, 64);
}

/** "expand 32-byte k" */
const SIGMA = words(new TextEncoder().encode("expand 32-byte k"));

/** Little-endian 32-bit words, on machines of either byte order. */
function words(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const result = new Uint32Array(bytes.length / 4);
  for (let i = 0; i < result.length; i++) result[i] = view.getUint32(i * 4, true);
  return result;
}

/** The same bytes without Buffer's methods, which differ (`slice` is a view). Copied where Node lent from its pool. */
function plain(buffer: Buffer): Uint8Array {
  const isPooled = buffer.byteLength !== buffer.buffer.byteLength;
  return isPooled ? new Uint8Array(buffer) : new Uint8Array(buffer.buffer);
}
