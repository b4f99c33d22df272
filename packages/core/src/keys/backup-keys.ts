import { ed25519, type HDKey } from "#curves";
import { assertBytes, assertKnownOptions, bytesToHex, concatBytes, copyBytes, utf8ToBytes } from "../bytes.ts";
import { defaultPrimitives } from "../primitives/default.ts";
import type { Primitives } from "../primitives/primitives.ts";
import { Redacted } from "../redacted.ts";
import { BACKUP_KEY_PATH, IDENTITY_KEY_PATH } from "./derivation-path.ts";
import { rootNodeOf } from "./root-node.ts";
import { type SignatureTag, signedMessage } from "./signed-message.ts";
import { walletIdOf } from "./wallet-id.ts";

/** What the subkeys of a backup key are for. `state` and `state-nonce` seal what a client keeps at home. */
export type SubkeyPurpose = "envelope" | "chunk" | "chunk-id" | "chunker" | "state" | "state-nonce";

/** A BIP-32 seed (16–64 bytes), a BIP-32 root `xprv` (or `tprv`), or what `BackupKeys.export()` gave. */
export type KeySource =
  | Uint8Array
  | {
      /** The root key, of depth 0. @see BIP-32, "Serialization format" */
      xprv: string;
    }
  | {
      /** 65 bytes. */
      exported: Uint8Array;
    };

/** The realm where no server is involved, 16 zero bytes: not to be changed. */
export const NO_REALM: Uint8Array = new Uint8Array(16);

/** version (1) ‖ backupKey (32) ‖ identityKey (32). Its 65 bytes cannot be taken for a seed. */
const EXPORT_VERSION = 1;
const EXPORT_BYTES = 65;

/**
 * Derives the cloud backup encryption key, and all that follows from it in one realm.
 *
 * @param source is copied; wiping it afterwards is the caller's affair
 * @param realm 16 bytes, as the server publishes them; `NO_REALM` where there is none
 * @param options `primitives`: by default the platform's
 * @throws TypeError, RangeError for what is no seed, no root xprv, no export or no realm
 * @example
 * ```ts
 * import { deriveBackupKeys, NO_REALM } from "@cloudbackup/core";
 * import { mnemonicToSeed } from "@cloudbackup/core/seed";
 *
 * const words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
 * const seed = await mnemonicToSeed(words);
 * using keys = deriveBackupKeys(seed, NO_REALM); // `using` calls keys.destroy()
 * seed.fill(0);
 * console.log(keys.walletId.slice(0, 16)); // → b737a01d59776487
 *
 * const exported = keys.export(); // for the platform's keystore
 * console.log(deriveBackupKeys({ exported }, NO_REALM).walletId === keys.walletId); // → true
 * ```
 * @see BIP-32, RFC 5869, RFC 8032 §5.1; docs/format.md §1
 */
export function deriveBackupKeys(
  source: KeySource,
  realm: Uint8Array,
  options: { primitives?: Primitives | undefined } = {},
): BackupKeys {
  assertBytes(realm, "realm", 16);
  assertKnownOptions(options, ["primitives"], "options");
  const { backupKey, identityKey } = rootKeys(source);
  try {
    return new BackupKeys(backupKey, identityKey, realm, options.primitives ?? defaultPrimitives);
  } finally {
    backupKey.fill(0);
    identityKey.fill(0);
  }
}

/** 32 bytes that stay the keys' own: not to be changed or kept. For this package alone. */
export let subkeyOf: (keys: BackupKeys, purpose: SubkeyPurpose) => Uint8Array;

/** The two keys that read and write a wallet's backups in one realm. They cannot spend. */
export class BackupKeys {
  /** H(seed), lower-case hex. */
  readonly walletId: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 16 bytes. */
  readonly realm: Uint8Array;
  /** What does the bulk work under these keys. */
  readonly primitives: Primitives;
  #secrets: {
    backupKey: Redacted<Uint8Array>;
    identityKey: Redacted<Uint8Array>;
    signingKey: Redacted<Uint8Array>;
  } | null;
  readonly #subkeys = new Map<SubkeyPurpose, Redacted<Uint8Array>>();

  /** @internal use `deriveBackupKeys` */
  constructor(backupKey: Uint8Array, identityKey: Uint8Array, realm: Uint8Array, primitives: Primitives) {
    const signingKey = primitives.hkdfSha256(identityKey, realm, utf8ToBytes("cloudbackup/1/signing"), 32);
    this.publicKey = ed25519.getPublicKey(signingKey);
    this.walletId = bytesToHex(walletIdOf(this.publicKey));
    this.realm = copyBytes(realm);
    this.primitives = primitives;
    this.#secrets = {
      backupKey: new Redacted(copyBytes(backupKey)),
      identityKey: new Redacted(copyBytes(identityKey)),
      signingKey: new Redacted(signingKey),
    };
  }

  /**
   * An Ed25519 signature, 64 bytes, for one purpose at one origin. The caller's.
   *
   * @param tag what it is for, of `SIGNATURE_TAGS`
   * @param origin WHATWG `URL.origin` of the URL that is called
   * @param fields those of the tag, as `signInFields`, `commitFields` and the like make them
   * @throws TypeError: `fields` is no Uint8Array, or the keys were destroyed
   * @see RFC 8032 §5.1.6; docs/format.md, "Signed messages"
   */
  sign(tag: SignatureTag, origin: string, fields: Uint8Array): Uint8Array {
    const { signingKey } = this.#reveal();
    const message = signedMessage({ tag, origin, realm: this.realm, walletId: walletIdOf(this.publicKey), fields });
    return ed25519.sign(message, signingKey.reveal());
  }

  /**
   * What a platform's keystore holds, 65 bytes, the caller's to wipe; `deriveBackupKeys({ exported }, realm)` takes it. It
   * reads and writes the wallet's backups in every realm.
   *
   * @throws TypeError: the keys were destroyed
   */
  export(): Uint8Array {
    const { backupKey, identityKey } = this.#reveal();
    return concatBytes(Uint8Array.of(EXPORT_VERSION), backupKey.reveal(), identityKey.reveal());
  }

  /** Wipes the keys. Every later use throws; a second `destroy()` does nothing. */
  destroy(): void {
    const secrets = this.#secrets ? Object.values(this.#secrets) : [];
    for (const secret of [...secrets, ...this.#subkeys.values()]) secret.reveal().fill(0);
    this.#subkeys.clear();
    this.#secrets = null;
  }

  /** The same as `destroy()`, for `using`. */
  [Symbol.dispose](): void {
    this.destroy();
  }

  /** The wallet's id alone. */
  toJSON(): object {
    return { walletId: this.walletId, keys: "<redacted>" };
  }

  #reveal() {
    if (!this.#secrets) throw new TypeError("These keys were destroyed");
    return this.#secrets;
  }

  #subkey(purpose: SubkeyPurpose): Uint8Array {
    const { backupKey } = this.#reveal();
    let subkey = this.#subkeys.get(purpose);
    if (!subkey) {
      const info = utf8ToBytes(`cloudbackup/1/${purpose}`);
      subkey = new Redacted(this.primitives.hkdfSha256(backupKey.reveal(), this.realm, info, 32));
      this.#subkeys.set(purpose, subkey);
    }
    return subkey.reveal();
  }

  static {
    subkeyOf = (keys, purpose) => keys.#subkey(purpose);
  }
}

function rootKeys(source: KeySource): { backupKey: Uint8Array; identityKey: Uint8Array } {
  if (typeof source !== "object" || source === null) {
    throw new TypeError("source must be a seed (mnemonicToSeed makes one of words), { xprv } or { exported }");
  }
  if (source instanceof Uint8Array || "xprv" in source) return keysBelow(rootNodeOf(source));
  if (!("exported" in source)) throw new TypeError("source must be a seed, { xprv } or { exported }");
  const { exported } = source;
  assertBytes(exported, "exported", EXPORT_BYTES);
  if (exported[0] !== EXPORT_VERSION)
    throw new RangeError(`exported has version ${exported[0]}, not ${EXPORT_VERSION}`);
  return { backupKey: copyBytes(exported.subarray(1, 33)), identityKey: copyBytes(exported.subarray(33)) };
}

/** Copies of the two private keys; wipes `root`, and every node on the way, which the library leaves in memory. */
function keysBelow(root: HDKey): { backupKey: Uint8Array; identityKey: Uint8Array } {
  // Each step costs a multiplication on the curve, and the two paths share their first ones.
  const nodes = new Map([["m", root]]);
  const nodeAt = (path: string): HDKey => {
    const known = nodes.get(path);
    if (known) return known;
    const cut = path.lastIndexOf("/");
    const node = nodeAt(path.slice(0, cut)).derive(`m${path.slice(cut)}`);
    nodes.set(path, node);
    return node;
  };
  const keyAt = (path: string): Uint8Array => copyBytes(nodeAt(path).privateKey as Uint8Array);
  try {
    return { backupKey: keyAt(BACKUP_KEY_PATH), identityKey: keyAt(IDENTITY_KEY_PATH) };
  } finally {
    for (const node of nodes.values()) node.wipePrivateData();
  }
}
