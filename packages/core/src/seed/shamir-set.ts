import { assertKnownOptions } from "../bytes.ts";
import { defaultSeedPrimitives } from "../primitives/default.ts";
import type { ShamirPrimitives } from "../primitives/primitives.ts";
import { decryptSecret, encodePassphrase } from "./shamir-cipher.ts";
import {
  type GroupProgress,
  InvalidShareError,
  NotEnoughSharesError,
  type SharedParameter,
  ShareOfAnotherSetError,
  type ShareProgress,
} from "./shamir-errors.ts";
import type { Point } from "./shamir-field.ts";
import { recoverBytes } from "./shamir-secret.ts";
import { parseShare, type Share } from "./shamir-share.ts";

/** How shares become a secret. */
export interface CombineOptions {
  /** What was given when the secret was split, printable ASCII; by default none. */
  passphrase?: string | undefined;
  /** By default the platform's. */
  primitives?: ShamirPrimitives | undefined;
}

const PARAMETERS = [
  "identifier",
  "extendable",
  "iterationExponent",
  "groupThreshold",
  "groupCount",
  "secretBytes",
] as const satisfies SharedParameter[];

/**
 * Shares of one secret, entered one by one. Made by `createShareSet`. Printing it shows no share.
 */
export class ShareSet {
  /** In the order of entry. */
  readonly #shares: Share[] = [];

  /**
   * Takes a share, as a person types it. One that is refused leaves the set as it was.
   *
   * @param share as a person types it, in any white space and case
   * @returns how far the set has come
   * @throws TypeError unless it is text; ShareOfAnotherSetError; InvalidShareError with the `reason`: a problem of this
   *   share, `duplicate` for one that is there, `conflict` for another at its place
   */
  add(share: string): ShareProgress {
    if (typeof share !== "string") throw new TypeError("share must be a string");
    const added = parseShare(share);
    try {
      this.#assertFits(added);
    } catch (error) {
      added.value.fill(0);
      throw error;
    }
    this.#shares.push(added);
    return this.progress;
  }

  /** How far the set has come. */
  get progress(): ShareProgress {
    const [first] = this.#shares;
    const groups = this.#groups().map(progressOf);
    const completeGroups = groups.filter(({ missing }) => missing === 0).length;
    return {
      isComplete: first !== undefined && completeGroups >= first.groupThreshold,
      groupThreshold: first?.groupThreshold,
      groupCount: first?.groupCount,
      completeGroups,
      groups,
    };
  }

  /** Whether the secret can be had. */
  get isComplete(): boolean {
    return this.progress.isComplete;
  }

  /**
   * The secret, the caller's to wipe. The set stays as it is: another passphrase can be tried. SLIP-39 cannot tell that a
   * passphrase is wrong, which gives another secret, and so a wallet that no server has.
   *
   * Shares beyond those that are needed must agree with them.
   *
   * @param options how shares become a secret
   * @throws TypeError for wrong arguments; NotEnoughSharesError; InvalidShareError with the reason `digest` where the shares
   *   do not fit together, `passphrase` for one that SLIP-39 does not know
   */
  async combine(options: CombineOptions = {}): Promise<Uint8Array> {
    assertKnownOptions(options, ["passphrase", "primitives"], "options");
    const { primitives = defaultSeedPrimitives } = options;
    const passphrase = encodePassphrase(options.passphrase);
    const [first] = this.#shares;
    if (first === undefined || !this.isComplete) throw new NotEnoughSharesError(this.progress);
    const { identifier, extendable, iterationExponent } = first;
    const encrypted = this.#recover(first.groupThreshold);
    try {
      return await decryptSecret(encrypted, { passphrase, identifier, extendable, iterationExponent, primitives });
    } finally {
      encrypted.fill(0);
      passphrase.fill(0);
    }
  }

  /** Wipes all shares: the set is empty, as a new one. The text that they were entered as is the caller's to forget. */
  clear(): void {
    for (const { value } of this.#shares) value.fill(0);
    this.#shares.length = 0;
  }

  /** Does what `clear` does, for `using`. */
  [Symbol.dispose](): void {
    this.clear();
  }

  #assertFits(added: Share): void {
    const [first] = this.#shares;
    if (first === undefined) return;
    const differs = PARAMETERS.find((parameter) => added[parameter] !== first[parameter]);
    if (differs) throw new ShareOfAnotherSetError(differs);
    const group = this.#shares.filter((share) => share.group === added.group);
    if (group.some((share) => share.memberThreshold !== added.memberThreshold)) {
      throw new ShareOfAnotherSetError("memberThreshold");
    }
    const same = group.find((share) => share.member === added.member);
    if (same === undefined) return;
    if (same.value.every((byte, i) => byte === added.value[i])) {
      throw new InvalidShareError("duplicate", `This share was entered before: ${nameOf(added)}`);
    }
    throw new InvalidShareError("conflict", `There is another share at this one's place: ${nameOf(added)}`);
  }

  /** What was split among the groups. */
  #recover(groupThreshold: number): Uint8Array {
    const points: Point[] = [];
    try {
      for (const shares of this.#groups()) {
        const { group, memberThreshold } = shares[0] as Share;
        if (shares.length < memberThreshold) continue;
        const members = shares.map(({ member, value }) => ({ x: member - 1, y: value }));
        const y = recoverBytes(members, memberThreshold);
        if (y === null) throw digestError(`The shares of group ${group}`);
        points.push({ x: group - 1, y });
      }
      const encrypted = recoverBytes(points, groupThreshold);
      if (encrypted === null) throw digestError("The groups of shares");
      return encrypted;
    } finally {
      for (const { y } of points) y.fill(0);
    }
  }

  /** The shares of each group that has one, by its number. */
  #groups(): Share[][] {
    const groups = new Map<number, Share[]>();
    for (const share of this.#shares) groups.set(share.group, [...(groups.get(share.group) ?? []), share]);
    return [...groups].sort(([a], [b]) => a - b).map(([, shares]) => shares);
  }
}

/**
 * An empty set, for shares that a person enters one by one.
 *
 * @returns what takes them, and says how far it has come
 * @example
 * ```ts
 * import { createShareSet, ShareOfAnotherSetError } from "@cloudbackup/core/seed";
 *
 * const shares = [
 *   "shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue view short owner flip making coding armed",
 *   "shadow pistol academic acid actress prayer class unknown daughter sweater depict flip twice unkind craft early superior advocate guest smoking",
 * ];
 * const set = createShareSet();
 * for (const share of shares) {
 *   const [group] = set.add(share).groups;
 *   console.log(`${group?.members.length} of ${group?.memberThreshold}`);
 * }
 * // → 1 of 2
 * // → 2 of 2
 * const secret = await set.combine({ passphrase: "TREZOR" });
 * console.log(set.isComplete, secret.length); // → true 16
 * ```
 */
export function createShareSet(): ShareSet {
  return new ShareSet();
}

function progressOf(shares: readonly Share[]): GroupProgress {
  const { group, memberThreshold } = shares[0] as Share;
  return {
    group,
    members: shares.map(({ member }) => member).sort((a, b) => a - b),
    memberThreshold,
    missing: Math.max(0, memberThreshold - shares.length),
  };
}

function nameOf({ group, groupCount, member }: Share): string {
  return groupCount === 1 ? `number ${member}` : `number ${member} of group ${group}`;
}

function digestError(what: string): InvalidShareError {
  return new InvalidShareError("digest", `${what} do not fit together: one of them at least is not of this secret`);
}
