/**
 * The bulk work of format 1: hashes, the cipher, DEFLATE. Whoever has something faster than the default gives it to
 * `deriveBackupKeys` (or `createClient`); every implementation must give the same bytes, DEFLATE's own choices apart.
 *
 * No function changes its arguments, `into` apart; every result is the caller's.
 *
 * @see docs/format.md §5
 */
export interface Primitives {
  /**
   * 32 bytes.
   *
   * @param bytes of any length
   * @see FIPS 180-4 §6.2
   */
  sha256(bytes: Uint8Array): Uint8Array;
  /** SHA-256 of what comes piece by piece. @see FIPS 180-4 §6.2 */
  createSha256(): RunningSha256;
  /**
   * 32 bytes.
   *
   * @param key of any length
   * @param bytes of any length
   * @see RFC 2104
   */
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /**
   * HKDF-SHA-256, both steps.
   *
   * @param ikm the key to derive from
   * @param salt of any length
   * @param info what the derived key is for
   * @param length how many bytes to give
   * @see RFC 5869
   */
  hkdfSha256(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /**
   * HKDF-Expand alone.
   *
   * @param prk what HKDF-Extract gave, 32 bytes
   * @param info what the derived key is for
   * @param length how many bytes to give
   * @see RFC 5869 §2.3
   */
  hkdfExpandSha256(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /**
   * ciphertext ‖ tag (16).
   *
   * @param key 32 bytes
   * @param nonce 24 bytes
   * @param aad what is authenticated beside the plaintext
   * @param plaintext of any length
   * @param into where the result may go, which saves copies: 16 bytes longer than `plaintext`, and either apart from it or
   *   beginning where it does
   * @see draft-irtf-cfrg-xchacha-03 §2
   */
  sealXChaCha20Poly1305(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
    into?: Uint8Array,
  ): Uint8Array;
  /**
   * The plaintext, or null where the tag does not match.
   *
   * @param key 32 bytes
   * @param nonce 24 bytes
   * @param aad what it was sealed with
   * @param box ciphertext ‖ tag (16)
   * @see draft-irtf-cfrg-xchacha-03 §2
   */
  openXChaCha20Poly1305(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, box: Uint8Array): Uint8Array | null;
  /**
   * One raw DEFLATE stream.
   *
   * @param bytes of any length
   * @see RFC 1951
   */
  deflateRaw(bytes: Uint8Array): Uint8Array;
  /**
   * The bytes of a raw DEFLATE stream, or null unless the stream is sound, gives exactly `rawLength` of them, and ends
   * with the last byte of `stored`. Never holds much more than `rawLength` bytes, whatever the stream says. How strictly
   * a stream's codes are taken is the library's: fflate reads some incomplete ones that zlib refuses.
   *
   * @param stored the stream, and nothing after it
   * @param rawLength how many bytes it must give
   * @see RFC 1951
   */
  inflateRaw(stored: Uint8Array, rawLength: number): Uint8Array | null;
}

/** A SHA-256 that goes on. */
export interface RunningSha256 {
  /**
   * Takes what comes next.
   *
   * @param bytes of any length
   */
  update(bytes: Uint8Array): void;
  /** Of all that came so far, 32 bytes; more may come after it. */
  digest(): Uint8Array;
}

/** The work of a seed's words alone, so that who has none of them need not load it. */
export interface SeedPrimitives {
  /**
   * PBKDF2-HMAC-SHA-512: thousands of rounds, so that it need not hold up all else.
   *
   * @param password of any length
   * @param salt of any length
   * @param iterations how many rounds
   * @param length how many bytes to give
   * @see RFC 8018 §5.2
   */
  pbkdf2HmacSha512(password: Uint8Array, salt: Uint8Array, iterations: number, length: number): Promise<Uint8Array>;
}

/** The work of a secret that is split among shares, apart from that of words. */
export interface ShamirPrimitives {
  /**
   * PBKDF2-HMAC-SHA-256: thousands of rounds, so that it need not hold up all else.
   *
   * @param password of any length
   * @param salt of any length
   * @param iterations how many rounds
   * @param length how many bytes to give
   * @see RFC 8018 §5.2
   */
  pbkdf2HmacSha256(password: Uint8Array, salt: Uint8Array, iterations: number, length: number): Promise<Uint8Array>;
}
