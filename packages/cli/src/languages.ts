import type { Wordlists } from "@cloudbackup/core/seed";
import { wordlists } from "@cloudbackup/core/seed/wordlists";
import { UsageError } from "./errors.ts";

/** Where words are looked for. */
export interface Languages {
  readonly wordlists: Wordlists;
}

export const LANGUAGE_NAMES: readonly string[] = Object.keys(wordlists);

/** All languages, or the one that `--language` names. @throws UsageError */
export function languagesOf(language: unknown): Languages {
  if (language === undefined) return { wordlists };
  const lists: Wordlists = wordlists;
  const wordlist = typeof language === "string" && Object.hasOwn(lists, language) ? lists[language] : undefined;
  if (!wordlist) throw new UsageError(`--language is one of ${LANGUAGE_NAMES.join(", ")}`);
  return { wordlists: { [language as string]: wordlist } };
}
