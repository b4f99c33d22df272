/**
 * `@cloudbackup/core/seed`: from what a person holds to a seed. Apart from the rest, since word lists weigh.
 *
 * @module seed
 */
export type { KeySource } from "./keys/backup-keys.ts";
export type { SeedPrimitives, ShamirPrimitives } from "./primitives/primitives.ts";
export { checkMnemonic, type MnemonicCheck } from "./seed/check-mnemonic.ts";
export { InvalidSeedError, type InvalidSeedReason } from "./seed/invalid-seed-error.ts";
export {
  entropyToMnemonic,
  generateMnemonic,
  mnemonicToEntropy,
  mnemonicToSeed,
  type WordlistOptions,
} from "./seed/mnemonic.ts";
export { InvalidMnemonicError, MnemonicChecksumError, type MnemonicProblem } from "./seed/mnemonic-errors.ts";
export { parseSeed } from "./seed/parse-seed.ts";
export { formatSeedQr, parseSeedQr, type SeedQr } from "./seed/seed-qr.ts";
export { InvalidSeedQrError, type InvalidSeedQrReason } from "./seed/seed-qr-error.ts";
export { combineShares, type ShareGroup, splitSecret } from "./seed/shamir.ts";
export { checkShare, type ShareCheck } from "./seed/shamir-check.ts";
export {
  type GroupProgress,
  InvalidShareError,
  NotEnoughSharesError,
  type SharedParameter,
  ShareOfAnotherSetError,
  type ShareProblem,
  type ShareProgress,
  type ShareRefusal,
} from "./seed/shamir-errors.ts";
export { type CombineOptions, createShareSet, type ShareSet } from "./seed/shamir-set.ts";
export { describeShare, type ShareFacts } from "./seed/shamir-share.ts";
export type { Wordlist, Wordlists } from "./seed/wordlist.ts";
