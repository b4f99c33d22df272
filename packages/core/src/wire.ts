/**
 * `@cloudbackup/core/wire`: what a server needs of format 1, and no keys: bundles, ids, the bytes that wallets sign.
 *
 * @module wire
 */
export {
  type Bundle,
  type BundleHead,
  type ChunkItem,
  decodeBundle,
  decodeBundleHead,
  decodeChunkItems,
  decodeIds,
  decodeWholeBundle,
  encodeBundle,
  encodeBundleHead,
  encodeChunkItem,
  encodeIds,
  FORMAT,
  ID_BYTES,
  REALM_BYTES,
} from "./chunks/bundle.ts";
export { MAX_SEALED_CHUNK_BYTES, MAX_SEALED_ENVELOPE_BYTES } from "./envelope/sizes.ts";
export { CloudBackupError, IncompleteError, TamperedError, UnsupportedVersionError } from "./errors.ts";
export {
  chunksFields,
  commitFields,
  deleteFields,
  registerFields,
  SIGNATURE_TAGS,
  type SignatureTag,
  signedMessage,
  signInFields,
} from "./keys/signed-message.ts";
export { walletIdOf } from "./keys/wallet-id.ts";
