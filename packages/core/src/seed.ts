/**
 * `@cloudbackup/core/seed`: from what a person holds to a seed. Apart from the rest, since word lists weigh.
 *
 * @module seed
 */
export type { SeedPrimitives } from "./primitives/primitives.ts";
export { checkMnemonic, type MnemonicCheck } from "./seed/check-mnemonic.ts";
export {
  entropyToMnemonic,
  generateMnemonic,
  mnemonicToEntropy,
  mnemonicToSeed,
  type WordlistOptions,
} from "./seed/mnemonic.ts";
export { InvalidMnemonicError, MnemonicChecksumError, type MnemonicProblem } from "./seed/mnemonic-errors.ts";
export type { Wordlist, Wordlists } from "./seed/wordlist.ts";
