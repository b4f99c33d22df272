/**
 * `@cloudbackup/core/seed`: from words to a seed. Apart from the rest, since word lists weigh.
 *
 * @module seed
 */
export type { SeedPrimitives } from "./primitives/primitives.ts";
export { InvalidMnemonicError, mnemonicToSeed } from "./seed/mnemonic.ts";
