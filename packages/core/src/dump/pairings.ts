import { bytes, map, must, optional, schemaOf, text, uint } from "./fields.ts";
import { type SectionDefinition, sectionOf } from "./sections.ts";

/** A second device that co-signs for an account. Keys not named here are kept and written back. @see docs/sections.md */
export interface Pairing {
  /** By default hex SHA-256(`publicKey` ‖ `chainCode`). */
  id: string;
  /** That of the account. */
  network: string;
  /** Id of the account it co-signs for. */
  account: string;
  /** The authenticator device. */
  name: string;
  /** The authenticator's master public key, compressed, 33 bytes. */
  publicKey: Uint8Array;
  /** The chain code beside it, 32 bytes. @see BIP-32, "Extended keys" */
  chainCode: Uint8Array;
  /** AES key that the two devices share, 32 bytes. */
  secret?: Uint8Array;
  /** How to reach the device. */
  pushToken?: string;
  /** How many authenticator keys are in use. */
  keys?: number;
  /** Unix seconds. */
  pairedAt?: number;
  [key: string]: unknown;
}

const publicKey = must(
  (value) => value instanceof Uint8Array && value.length === 33 && (value[0] === 2 || value[0] === 3),
  "must be a compressed public key, 33 bytes",
);

const pairing = map({
  id: text,
  network: text,
  account: text,
  name: text,
  publicKey,
  chainCode: bytes(32),
  secret: optional(bytes(32)),
  pushToken: optional(text),
  keys: optional(uint),
  pairedAt: optional(uint),
});

export const pairingsSection: SectionDefinition<"pairings", Pairing> = sectionOf({
  name: "pairings",
  schema: schemaOf(pairing),
  identity: (record) => record.id,
  merge: { keys: (local, remote) => Math.max(local as number, remote as number) },
});
