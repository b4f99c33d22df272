import { CloudBackupError } from "../errors.ts";

/**
 * Why text is no seed. `unknown-form`: it looks like none of them. `raw-seed-length`: hex, but too short, too long, or of an odd
 * number of digits. `seed-qr-digits`: decimal digits as a SeedQR holds them, which would be another seed if taken for hex.
 * `base58-checksum`: a key that is mistyped. `malformed-key`: its checksum is right, and it is no BIP-32 private key.
 * `public-key`: `xpub…`. `not-root`: of an account, or another depth. `private-key`: of a single address, in the wallet
 * import format. `passphrase`: one was given with what has none.
 */
export type InvalidSeedReason =
  | "unknown-form"
  | "raw-seed-length"
  | "seed-qr-digits"
  | "base58-checksum"
  | "malformed-key"
  | "public-key"
  | "not-root"
  | "private-key"
  | "passphrase";

const MESSAGES: Readonly<Record<InvalidSeedReason, string>> = {
  "unknown-form": "This is no mnemonic, no raw seed in hex, and no BIP-32 root key",
  "raw-seed-length": "A raw seed has 16 to 64 bytes, two hex digits for each",
  "seed-qr-digits": "These are the digits of a SeedQR, no raw seed in hex",
  "base58-checksum": "The key is mistyped or cut off: its Base58Check checksum is wrong",
  "malformed-key": "This is no BIP-32 extended private key",
  "public-key": "This is an extended public key: a backup needs the root's private one, or the words",
  "not-root": "This is a key below the root: a backup needs the root key, or the words",
  "private-key": "This is the private key of one address: a backup needs the root key, or the words",
  passphrase: "A passphrase belongs to the words of a mnemonic: a raw seed or root key has none",
};

/** Text that is no seed, or not one that backups can be made of. It never says the text. */
export class InvalidSeedError extends CloudBackupError {
  /** Why. */
  readonly reason: InvalidSeedReason;

  constructor(reason: InvalidSeedReason) {
    super("ERR_CB_INVALID_SEED", MESSAGES[reason]);
    this.reason = reason;
  }
}
