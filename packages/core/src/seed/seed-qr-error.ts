import { CloudBackupError } from "../errors.ts";

const MESSAGES: Readonly<Record<InvalidSeedQrReason, string>> = {
  "unknown-form": "The code holds no seed: no SeedQR, no words, no paper wallet",
  "bytes-as-text": "This was read as text, perhaps from the bytes of a CompactSeedQR: give the bytes themselves",
  length: "The digits of a SeedQR are 48, 60, 72, 84 or 96: four for each word",
  index: "A SeedQR has the numbers 0000 to 2047 alone",
  checksum: "The checksum of the SeedQR is wrong: a digit is another one, or two words are swapped",
  "paper-wallet": "A paper wallet has one Seed, of 16, 20, 24, 28 or 32 bytes in hex",
};

/**
 * Why what a QR code holds is no seed. `unknown-form`: it looks like none of the forms; a link, or a number. `bytes-as-text`: a
 * scanner made text of a CompactSeedQR, and what it held is lost: read it again, as bytes. `length`, `index`, `checksum`: the
 * digits of a SeedQR are too few or too many, no numbers of words, or not those of a mnemonic. `paper-wallet`: its `Seed` is
 * missing, twice there, or no entropy.
 */
export type InvalidSeedQrReason = "unknown-form" | "bytes-as-text" | "length" | "index" | "checksum" | "paper-wallet";

/** What a QR code holds is no seed. It never says what it holds. */
export class InvalidSeedQrError extends CloudBackupError {
  /** Why. */
  readonly reason: InvalidSeedQrReason;

  constructor(reason: InvalidSeedQrReason) {
    super("ERR_CB_INVALID_SEED_QR", MESSAGES[reason]);
    this.reason = reason;
  }
}
