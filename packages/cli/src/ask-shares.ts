import {
  checkShare,
  createShareSet,
  InvalidShareError,
  ShareOfAnotherSetError,
  type ShareProgress,
  type ShareSet,
} from "@cloudbackup/core/seed";
import type { Context } from "./context.ts";
import { explainWords, separateWords, type WordsProblem } from "./typed-words.ts";

const INSTEAD = "Run this where there is one, or give the words by --seed-fd.";
const MOST_WORDS = 33;
const SHARE = { unknown: "not in the list of SLIP-39", counts: "most shares have 20 or 33" };

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
      context.prompter.tell(explainWords(check, SHARE));
      typed = await replaceWord(context, typed, check);
      if (typed === "") break;
      check = checkShare(typed);
    }
    if (check.ok) return typed;
    if (typed === "") continue;
    context.prompter.tell(explainWords(check, SHARE));
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
async function replaceWord(context: Context, typed: string, problem: WordsProblem): Promise<string> {
  const words = separateWords(typed, problem);
  const { position } = problem;
  if (!words || position === undefined) return "";
  const again = await askLines(context, `Word ${position} again (Enter alone: the whole share again):`, "");
  return again === "" ? "" : words.toSpliced(position - 1, 1, again).join(" ");
}

/** Whether more words could make it a share: a longer one may be typed line by line, and look whole too early. */
function mayGoOn({ problem, count }: WordsProblem): boolean {
  return count < MOST_WORDS && (problem === "word-count" || problem === "numbering" || problem === "checksum");
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
