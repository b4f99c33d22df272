/**
 * The curves of format 1. Each implementation of "#curves" exports it beside `HDKey` of `@scure/bip32`.
 *
 * No function changes its arguments; every result is the caller's.
 */
export interface Ed25519 {
  /** 32 bytes of a 32-byte secret key. @see RFC 8032 §5.1.5 */
  getPublicKey(secretKey: Uint8Array): Uint8Array;
  /** A signature, 64 bytes, always the same of the same message. @see RFC 8032 §5.1.6 */
  sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array;
}
