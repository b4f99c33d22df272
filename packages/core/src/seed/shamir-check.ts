import { nearestWords } from "./nearest.ts";
import type { ShareProblem } from "./shamir-errors.ts";
import { factsOf, readShare, type ShareFacts } from "./shamir-share.ts";
import { slip39Words } from "./slip39-words.ts";

/** What a check of a typed share found. It holds words: show it to the person, and log nothing of it. */
export type ShareCheck =
  | {
      /** It is a share. */
      ok: true;
      /** What the share says of itself. */
      facts: ShareFacts;
    }
  | {
      /** It is none. */
      ok: false;
      /** What is wrong. */
      problem: ShareProblem;
      /** How many words were typed. */
      count: number;
      /** The first word that is not in the list, counted from 1; absent where all are known. */
      position?: number;
      /** Words of the list that are most like it, the nearest first, 5 at most; absent where all are known. */
      nearest?: string[];
    };

/**
 * Says of a share what is wrong with it, and what to write in the place of a word that is unknown: for a field that a person
 * types in. Nothing is thrown for whatever it is. Whether it fits those before it is said by `ShareSet.add`.
 *
 * @param typed as it is in the field
 * @returns what the share says of itself, or what is wrong
 * @throws TypeError unless it is text
 * @example
 * ```ts
 * import { checkShare } from "@cloudbackup/core/seed";
 *
 * const typed =
 *   "Shadow pistol academic always adequate wildlife fancy gross oasis cilinder mustang wrist rescue view short owner flip making coding armed";
 * const check = checkShare(typed);
 * if (!check.ok) console.log(check.problem, check.position, check.nearest); // → unknown-word 10 [ 'cylinder' ]
 *
 * const right = checkShare(typed.replace("cilinder", "cylinder"));
 * if (right.ok) console.log(right.facts.member, right.facts.memberThreshold); // → 3 2
 * ```
 */
export function checkShare(typed: string): ShareCheck {
  if (typeof typed !== "string") throw new TypeError("typed must be a string");
  const read = readShare(typed);
  if (!("problem" in read)) return { ok: true, facts: factsOf(read) };
  const { unknown, ...found } = read;
  if (unknown === undefined) return { ok: false, ...found };
  return { ok: false, ...found, position: unknown.position, nearest: nearestWords(unknown.word, [slip39Words]) };
}
