import {
  checkShare,
  createShareSet,
  InvalidShareError,
  type ShareCheck,
  ShareOfAnotherSetError,
  type ShareProgress,
  type ShareSet,
} from "@cloudbackup/core/seed";
import type { Context } from "./context.ts";

const INSTEAD = "Run this where there is one, or give the words by --seed-fd.";
const MOST_WORDS = 33;

type Problem = Extract<ShareCheck, { ok: false }>;

/**
 * Asks for shares, one after the other, until there are enough; says after each how many are missing. What is wrong is said at
 * the terminal alone, and the share asked for again.
 *
 * @returns a complete set, the caller's to clear
 * @throws NoTerminalError; the reason of `io.stop`
 */
export async function askShares(context: Context): Promise<ShareSet> {
  const { prompter } = context;
  const set = createShareSet();
  try {
    while (!set.isComplete) {
      const share = await askShare(context, questionOf(set.progress));
      try {
        prompter.tell(reportOf(set.add(share)));
      } catch (error) {
        if (!(error instanceof InvalidShareError)) throw error;
        prompter.tell(`${error.message}.`);
        const isFirst = error instanceof ShareOfAnotherSetError && countOf(set.progress) === 1;
        if (isFirst) prompter.tell("If it is the first one that is wrong, begin again: Ctrl-C ends this.");
      }
    }
    return set;
  } catch (error) {
    set.clear();
    throw error;
  }
}

/** Asks until it is one, for a single wrong word alone. */
async function askShare(context: Context, question: string): Promise<string> {
  let typed = "";
  let next = question;
  for (;;) {
    const more = await askLines(context, next, typed);
    next = question;
    // Enter alone begins the share again.
    typed = more === "" ? "" : `${typed} ${more}`.trim();
    if (typed === "") continue;
    let check = checkShare(typed);
    while (!check.ok && check.problem === "unknown-word") {
      context.prompter.tell(explain(check));
      typed = await replaceWord(context, typed, check);
      if (typed === "") break;
      check = checkShare(typed);
    }
    if (check.ok) return typed;
    if (typed === "") continue;
    context.prompter.tell(explain(check));
    if (mayGoOn(check)) next = "The words after them (Enter alone: this share again):";
    else typed = "";
  }
}

/** One answer, and the lines that were pasted with it, as far as they are of the same share. */
async function askLines({ prompter }: Context, message: string, before: string): Promise<string> {
  const ask = () => prompter.askWords({ message, instead: INSTEAD });
  let typed = await ask();
  while (prompter.hasMore) {
    const check = checkShare(`${before} ${typed}`);
    if (check.ok || !mayGoOn(check)) break;
    typed += ` ${await ask()}`;
  }
  return typed.trim();
}

/** Empty where the share is to be typed again. */
async function replaceWord(context: Context, typed: string, { count, position = 0 }: Problem): Promise<string> {
  const words = typed.split(/\s+/u);
  // Numbers or no spaces: which word it is cannot be told.
  if (words.length !== count || /\d/u.test(typed)) return "";
  const again = await askLines(context, `Word ${position} again (Enter alone: the whole share again):`, "");
  words[position - 1] = again;
  return again === "" ? "" : words.join(" ");
}

/** Whether more words could make it a share: a longer one may be typed line by line, and look whole too early. */
function mayGoOn({ problem, count }: Problem): boolean {
  return count < MOST_WORDS && (problem === "word-count" || problem === "numbering" || problem === "checksum");
}

function explain({ problem, count, position, nearest = [] }: Problem): string {
  switch (problem) {
    case "unknown-word": {
      const near = nearest.length > 0 ? ` Near it: ${nearest.join(", ")}.` : "";
      return `Word ${position} is not in the list of SLIP-39.${near}`;
    }
    case "word-count":
      return `${count === 1 ? "That is 1 word" : `Those are ${count} words`}; most shares have 20 or 33.`;
    case "checksum":
      return `All ${count} words are known, but do not belong together: one is another word, two are swapped, or some are missing.`;
    case "numbering":
      return "The numbers beside the words are not 1, 2, 3 … to the last. Type the words without numbers.";
    case "padding":
    case "group-threshold":
      return "The words belong together, but are no share as SLIP-39 writes one.";
  }
}

function countOf({ groups }: ShareProgress): number {
  return groups.reduce((count, { members }) => count + members.length, 0);
}

/** "Share 2 of 3:", where one group says how many. */
function questionOf({ groups, groupCount }: ShareProgress): string {
  const [group] = groups;
  if (groupCount !== 1 || !group) return groups.length === 0 ? "First share:" : "Next share:";
  return `Share ${group.members.length + 1} of ${group.memberThreshold}:`;
}

function reportOf({ groups, groupCount, groupThreshold, completeGroups, isComplete }: ShareProgress): string {
  const states = groups.map(({ group, members, memberThreshold, missing }) => {
    const have = `${Math.min(members.length, memberThreshold)} of ${memberThreshold}`;
    if (groupCount === 1) return have;
    return missing === 0 ? `Group ${group}: ${have}, complete` : `Group ${group}: ${have}`;
  });
  const enough = isComplete ? " That is enough." : "";
  if (groupCount === 1) return `${states.join()} shares.${enough}`;
  return `${states.join(". ")}. ${completeGroups} of ${groupThreshold} groups that are needed.${enough}`;
}
