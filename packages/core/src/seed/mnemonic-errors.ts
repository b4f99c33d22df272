import { CloudBackupError } from "../errors.ts";

/**
 * What can be wrong with a mnemonic. `word-count`: not 12, 15, 18, 21 or 24 words. `numbering`: numbers stand beside the words,
 * but not 1 to the last, one before each word. `unknown-word`: a word that no list has. `checksum`: all words are known, but
 * not together. `ambiguous`: the words are right in several languages, which give different seeds.
 */
export type MnemonicProblem = "word-count" | "numbering" | "unknown-word" | "checksum" | "ambiguous";

/** What is wrong with the words that a person gave. It never says the words. */
export class InvalidMnemonicError extends CloudBackupError {
  /** What is wrong. */
  readonly problem: MnemonicProblem;
  /** The first word that is in no list, counted from 1; undefined where all words are known. */
  readonly position: number | undefined;

  constructor(message: string, at: { problem: MnemonicProblem; position?: number | undefined }) {
    // The class of the checksum has a code of its own: it is the problem that another look at the paper solves.
    super(at.problem === "checksum" ? "ERR_CB_MNEMONIC_CHECKSUM" : "ERR_CB_INVALID_MNEMONIC", message);
    this.problem = at.problem;
    this.position = at.position;
  }
}

/** All words are in the list, but their checksum is wrong: one is another word of the list, or two are swapped. */
export class MnemonicChecksumError extends InvalidMnemonicError {
  constructor(message = "The checksum is wrong: a word is mistyped, or two are swapped") {
    super(message, { problem: "checksum" });
  }
}
