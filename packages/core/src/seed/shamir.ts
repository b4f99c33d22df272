import { assertBytes, assertKnownOptions, assertUint } from "../bytes.ts";
import { defaultSeedPrimitives } from "../primitives/default.ts";
import type { ShamirPrimitives } from "../primitives/primitives.ts";
import { encodePassphrase, encryptSecret } from "./shamir-cipher.ts";
import { InvalidShareError } from "./shamir-errors.ts";
import { splitBytes } from "./shamir-secret.ts";
import { type CombineOptions, createShareSet } from "./shamir-set.ts";
import { formatShare, MAX_SECRET_BYTES, MIN_SECRET_BYTES } from "./shamir-share.ts";

/** How many shares a group gets, and how many of them it takes. */
export interface ShareGroup {
  /** 1 to `count`; 1 only where `count` is 1, since each of several would be the whole. */
  threshold: number;
  /** 1 to 16. */
  count: number;
}

const MAX_SHARES = 16;
const MAX_ITERATION_EXPONENT = 15;

/**
 * Splits a secret into shares of SLIP-39: any `threshold` shares of any `groupThreshold` groups give it back, fewer say
 * nothing of it. Hardware wallets read the shares of a BIP-32 seed; those of the entropy of a BIP-39 mnemonic are read by
 * whoever knows that they are.
 *
 * @param options what, and how
 * @param options.secret 16 to 32 bytes, an even number; copied
 * @param options.groups 1 to 16 of them: `[{ threshold: 2, count: 3 }]` for "2 of 3"
 * @param options.groupThreshold how many groups it takes; may be left out where there is one
 * @param options.passphrase printable ASCII that it takes as well; by default none. A wrong one is not noticed: it gives another secret
 * @param options.random a cryptographic source of so many bytes
 * @param options.extendable by default true: split again, the secret keeps its passphrases' meaning. Older devices read only shares that are not
 * @param options.iterationExponent 0 to 15, by default 1: 20,000 rounds of PBKDF2, twice as many for each step
 * @param options.primitives by default the platform's
 * @returns the shares, 20 to 33 words each, by group
 * @throws TypeError or RangeError for wrong arguments; InvalidShareError for a passphrase that SLIP-39 does not know
 * @example
 * ```ts
 * import { combineShares, splitSecret } from "@cloudbackup/core/seed";
 *
 * const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
 * const secret = random(16);
 * const [shares = []] = await splitSecret({ secret, groups: [{ threshold: 2, count: 3 }], random });
 * console.log(shares.length, shares[0]?.split(" ").length); // → 3 20
 *
 * const combined = await combineShares(shares.slice(1));
 * console.log(combined.every((byte, i) => byte === secret[i])); // → true
 * ```
 * @see https://github.com/satoshilabs/slips/blob/master/slip-0039.md
 */
export async function splitSecret(options: {
  secret: Uint8Array;
  groups: readonly ShareGroup[];
  groupThreshold?: number | undefined;
  passphrase?: string | undefined;
  random: (length: number) => Uint8Array;
  extendable?: boolean | undefined;
  iterationExponent?: number | undefined;
  primitives?: ShamirPrimitives | undefined;
}): Promise<string[][]> {
  const { secret, groups, groupThreshold, random, extendable, iterationExponent, primitives } = checked(options);
  const passphrase = encodePassphrase(options.passphrase);
  const [high = 0, low = 0] = drawTwo(random);
  // 15 bits.
  const identifier = ((high & 0x7f) << 8) | low;
  const parameters = { identifier, extendable, iterationExponent };
  const encrypted = await encryptSecret(secret, { passphrase, ...parameters, primitives });
  passphrase.fill(0);
  const parts = splitBytes(encrypted, groupThreshold, groups.length, random);
  encrypted.fill(0);
  return parts.map(({ x: groupIndex, y: part }, i) => {
    const { threshold, count } = groups[i] as ShareGroup;
    const members = splitBytes(part, threshold, count, random);
    part.fill(0);
    return members.map(({ x, y: value }) => {
      const share = formatShare({
        ...parameters,
        group: groupIndex + 1,
        groupThreshold,
        groupCount: groups.length,
        member: x + 1,
        memberThreshold: threshold,
        secretBytes: secret.length,
        value,
      });
      value.fill(0);
      return share;
    });
  });
}

/**
 * The secret of shares that are all at hand, the caller's to wipe. Whoever has them entered one by one takes
 * `createShareSet`.
 *
 * @param shares in any order, each once, as a person types it; more than are needed must agree with the others
 * @param options how they become a secret
 * @throws TypeError for wrong arguments; what `ShareSet.add` and `ShareSet.combine` throw, the `share` that is wrong counted from 1
 * @see https://github.com/satoshilabs/slips/blob/master/slip-0039.md
 */
export async function combineShares(shares: readonly string[], options: CombineOptions = {}): Promise<Uint8Array> {
  if (!Array.isArray(shares)) throw new TypeError("shares must be an array of strings");
  const set = createShareSet();
  try {
    for (const [i, share] of shares.entries()) {
      try {
        set.add(share);
      } catch (error) {
        if (error instanceof InvalidShareError) error.share = i + 1;
        throw error;
      }
    }
    return await set.combine(options);
  } finally {
    set.clear();
  }
}

function checked(options: Parameters<typeof splitSecret>[0]) {
  assertKnownOptions(
    options,
    [
      "secret",
      "groups",
      "groupThreshold",
      "passphrase",
      "random",
      "extendable",
      "iterationExponent",
      "primitives",
    ] satisfies (keyof typeof options)[],
    "options",
  );
  const {
    secret,
    groups,
    random,
    extendable = true,
    iterationExponent = 1,
    primitives = defaultSeedPrimitives,
  } = options;
  assertBytes(secret, "secret");
  if (secret.length < MIN_SECRET_BYTES || secret.length > MAX_SECRET_BYTES || secret.length % 2 !== 0) {
    throw new RangeError(`secret must have an even number of bytes, ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES}`);
  }
  if (!Array.isArray(groups)) throw new TypeError("groups must be an array");
  if (groups.length < 1 || groups.length > MAX_SHARES) throw new RangeError(`groups must be 1 to ${MAX_SHARES}`);
  groups.forEach(assertGroup);
  const { groupThreshold = groups.length === 1 ? 1 : undefined } = options;
  assertUint(groupThreshold, "groupThreshold", 1);
  if (groupThreshold > groups.length) throw new RangeError("groupThreshold must be at most the number of groups");
  if (typeof random !== "function") throw new TypeError("random must be a function");
  if (typeof extendable !== "boolean") throw new TypeError("extendable must be a boolean");
  assertUint(iterationExponent, "iterationExponent");
  if (iterationExponent > MAX_ITERATION_EXPONENT) {
    throw new RangeError(`iterationExponent must be at most ${MAX_ITERATION_EXPONENT}`);
  }
  return {
    secret,
    groups: groups as readonly ShareGroup[],
    groupThreshold,
    random,
    extendable,
    iterationExponent,
    primitives,
  };
}

function assertGroup(group: ShareGroup, index: number): void {
  const name = `groups[${index}]`;
  if (typeof group !== "object" || group === null) throw new TypeError(`${name} must be an object`);
  assertKnownOptions(group, ["threshold", "count"], name);
  assertUint(group.count, `${name}.count`, 1);
  assertUint(group.threshold, `${name}.threshold`, 1);
  if (group.count > MAX_SHARES) throw new RangeError(`${name}.count must be at most ${MAX_SHARES}`);
  if (group.threshold > group.count) throw new RangeError(`${name}.threshold must be at most its count`);
  if (group.threshold === 1 && group.count > 1) {
    throw new RangeError(`${name} must have a threshold of 2 or more: with 1, each of its shares is the whole`);
  }
}

function drawTwo(random: (length: number) => Uint8Array): Uint8Array {
  const bytes = random(2);
  assertBytes(bytes, "the result of random", 2);
  return bytes;
}
