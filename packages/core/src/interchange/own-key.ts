import type { HDKey } from "#curves";
import { assertBytes, copyBytes, equalBytes, u32 } from "../bytes.ts";
import type { KeySource } from "../keys/backup-keys.ts";
import { rootNodeOf } from "../keys/root-node.ts";
import { ImportError, type Place } from "./errors.ts";
import { type ExtendedKey, formatExtendedKey } from "./extended-key.ts";
import { endOf, type KeyExpression } from "./key-expression.ts";

/**
 * The fingerprint of a seed's master key, 4 bytes, the caller's: by it wallets say in their files which key is whose.
 *
 * @param source a seed or a root `xprv`; keys that were exported have no master key
 * @throws TypeError, RangeError for what is neither
 * @example
 * ```ts
 * import { masterFingerprint } from "@cloudbackup/core/interchange";
 *
 * console.log(masterFingerprint(seed)); // → Uint8Array(4) [ 115, 197, 218, 10 ]
 * ```
 * @see BIP-32, "Key identifiers"
 */
export function masterFingerprint(source: KeySource): Uint8Array {
  return withRoot(source, (root) => u32(root.fingerprint));
}

/** The extended public key of a seed at a path. */
export function accountKeyOf(
  source: KeySource,
  path: string,
  isMainnet: boolean,
): { xpub: string; publicKey: Uint8Array; chainCode: Uint8Array } {
  return withRoot(source, (root) => {
    const node = root.derive(path);
    try {
      const publicKey = copyBytes(node.publicKey as Uint8Array);
      const chainCode = copyBytes(node.chainCode as Uint8Array);
      const { depth, index, parentFingerprint } = node;
      const xpub = formatExtendedKey({ isMainnet, depth, index, parentFingerprint, publicKey, chainCode });
      return { xpub, publicKey, chainCode };
    } finally {
      if (node !== root) node.wipePrivateData();
    }
  });
}

/** Which keys are the wallet's. */
export interface OwnKeys {
  /** Of its master key; undefined where nobody told. */
  fingerprint: Uint8Array | undefined;
  /** Its seed, by which keys are checked. */
  source: KeySource | undefined;
}

/** Whether a key is the wallet's by its origin. @throws ImportError: its seed has another key there */
export function isOwn(own: OwnKeys, key: KeyExpression, at: Place): boolean {
  if (!own.fingerprint || !key.origin || !key.extended || !equalBytes(key.origin.fingerprint, own.fingerprint))
    return false;
  if (own.source) {
    const mine = accountKeyOf(own.source, key.origin.path, true);
    if (!equalBytes(mine.publicKey, key.extended.publicKey) || !equalBytes(mine.chainCode, key.extended.chainCode)) {
      throw new ImportError("it says that a key is this wallet's, but the seed has another key at that path", at);
    }
  }
  return true;
}

/** Whether the steps of a key's origin can lead to it, as far as the key says where it stands. */
export function isWhereItSays(path: string, { depth, index }: ExtendedKey): boolean {
  const end = endOf(path);
  return end.depth === depth && (depth === 0 || end.index === index);
}

function withRoot<T>(source: KeySource, use: (root: HDKey) => T): T {
  if (typeof source !== "object" || source === null || !(source instanceof Uint8Array || "xprv" in source)) {
    throw new TypeError("source must be a seed or { xprv }: exported keys have no master key");
  }
  const root = rootNodeOf(source);
  try {
    return use(root);
  } finally {
    root.wipePrivateData();
  }
}

/** @throws TypeError, RangeError */
export function ownKeysOf(options: { fingerprint?: Uint8Array | undefined; source?: KeySource | undefined }): OwnKeys {
  const { fingerprint, source } = options;
  if (fingerprint !== undefined && source !== undefined) {
    throw new TypeError("options has source and fingerprint: the fingerprint follows from the source");
  }
  if (source !== undefined) return { fingerprint: masterFingerprint(source), source };
  if (fingerprint !== undefined) assertBytes(fingerprint, "fingerprint", 4);
  return { fingerprint: fingerprint && copyBytes(fingerprint), source };
}
