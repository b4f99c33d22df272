import fc from "fast-check";
import { checkShare } from "../../../packages/core/src/seed/shamir-check.ts";
import { checksumOf } from "../../../packages/core/src/seed/shamir-checksum.ts";
import {
  InvalidShareError,
  NotEnoughSharesError,
  ShareOfAnotherSetError,
} from "../../../packages/core/src/seed/shamir-errors.ts";
import { createShareSet } from "../../../packages/core/src/seed/shamir-set.ts";
import { formatShare, parseShare } from "../../../packages/core/src/seed/shamir-share.ts";
import { slip39Words } from "../../../packages/core/src/seed/slip39-words.ts";
import { shareSets } from "../corpus.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import type { Source } from "../source.ts";
import { ACCEPTED, attempt, claim, claimEqual, defineTarget, refusalOf, type Target } from "../target.ts";

const anyText = fc.string({ unit: "binary", maxLength: 60 });
const shares = shareSets.flat();
const CHECKSUM_WORDS = 3;
/** Thousands of rounds of a hash would show nothing of how shares are combined. */
const primitives = {
  pbkdf2HmacSha256: async (_: Uint8Array, __: Uint8Array, ___: number, length: number) => new Uint8Array(length),
};

export const shareTargets: readonly Target[] = [
  defineTarget({
    name: "share",
    share: 8,
    open: () => ({
      make: shareInput,
      check: (typed: string) => {
        const check = checkShare(typed);
        const { outcome, value } = attempt(() => parseShare(typed), [InvalidShareError]);
        claim(check.ok === (value !== undefined), "a check and a reader say the same");
        if (value === undefined) return outcome;
        const again = parseShare(formatShare(value));
        claimEqual(again, value, "what is written of a share is that share");
        claim(value.value.length >= 16 && value.value.length <= 32, "a value has 16 to 32 bytes");
        claim(value.groupThreshold <= value.groupCount, "no more groups are needed than there are");
        return outcome;
      },
    }),
  }),
  defineTarget({
    name: "shareSet",
    share: 4,
    open: () => ({
      make: (source) =>
        Array.from({ length: 1 + source.below(8) }, () => {
          const set = source.pick(shareSets);
          return source.oneIn(3) ? shareInput(source) : source.pick(set);
        }),
      check: async (typed: string[]) => {
        const set = createShareSet();
        for (const share of typed) {
          const before = set.progress;
          const { outcome } = attempt(() => set.add(share), [InvalidShareError, ShareOfAnotherSetError]);
          if (outcome !== ACCEPTED) claimEqual(set.progress, before, "a refused share leaves the set as it was");
        }
        const { isComplete } = set;
        try {
          const secret = await set.combine({ primitives });
          claim(isComplete, "only a complete set gives a secret");
          claim(secret.length >= 16 && secret.length <= 32, "a secret has 16 to 32 bytes");
        } catch (error) {
          const refusal = refusalOf(error, [InvalidShareError, NotEnoughSharesError]);
          claim(isComplete === !(error instanceof NotEnoughSharesError), "a complete set has enough shares");
          return refusal;
        }
        return ACCEPTED;
      },
    }),
  }),
];

/** Words changed, swapped, left out, spelt and spaced otherwise; more often than not with a right checksum after all. */
function shareInput(source: Source): string {
  const kind = source.below(8);
  if (kind === 0) return source.draw(anyText);
  const share = source.pick(shares);
  if (kind === 1) {
    const bytes = new TextEncoder().encode(share);
    return new TextDecoder().decode(mutateBytes(source, bytes, bytes));
  }
  const words = share.split(" ");
  const place = source.below(words.length);
  if (kind === 2) words.splice(place, 1 + source.below(3));
  if (kind === 3) words.splice(place, 0, ...source.pick(shares).split(" ").slice(source.below(15)));
  if (kind >= 4) words[place] = source.pick(slip39Words);
  if (source.oneIn(6)) words[place] = (words[place] ?? "").toUpperCase();
  return source.oneIn(4)
    ? words.join(source.pick([" ", "\n", "\u3000", "\u200b", "1. "]))
    : withChecksum(source, words);
}

/** Else hardly anything changed would come further than the checksum. */
function withChecksum(source: Source, words: readonly string[]): string {
  const indices = words.slice(0, -CHECKSUM_WORDS).map((word) => Math.max(0, slip39Words.indexOf(word)));
  const checksum = checksumOf(indices, source.oneIn(20) || ((indices[1] ?? 0) & 16) !== 0);
  return [...indices, ...checksum].map((index) => slip39Words[index]).join(" ");
}
