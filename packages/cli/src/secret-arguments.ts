import { UsageError } from "./errors.ts";

/** As many arguments of letters alone, one after the other, are no file, no URL and no command. */
const WORDS_IN_A_ROW = 5;
const WORD = /^\p{Letter}[\p{Letter}\p{Mark}]{1,15}$/u;
const REALM_DIGITS = 32;
const HEX_SEED = /^([0-9a-f]{2}){16,64}$/i;
/** The text of an older paper wallet's QR code. */
const PAPER_WALLET = /\bseed=[0-9a-f]{32}/i;
const EXTENDED_KEY = /^[xtyzuv]prv[1-9A-HJ-NP-Za-km-z]{80,}$/i;

/**
 * Refuses words, keys and seeds as arguments, before anything reads or repeats them.
 *
 * @throws UsageError, which says none of them
 */
export function refuseSecretArguments(args: readonly string[]): void {
  const parts = args.filter((arg, i) => !isRealm(arg, args[i - 1])).map((arg) => arg.replace(/^--?[\w-]+=/, ""));
  const isSecret = parts.some((part, i) => {
    const typed = part.trim().split(/\s+/u);
    const inOne = typed.length >= WORDS_IN_A_ROW && typed.every((word) => WORD.test(word));
    const row = parts.slice(i, i + WORDS_IN_A_ROW);
    const inRow = row.length === WORDS_IN_A_ROW && row.every((word) => WORD.test(word));
    return inOne || inRow || [HEX_SEED, EXTENDED_KEY, PAPER_WALLET].some((pattern) => pattern.test(part));
  });
  if (!isSecret) return;
  throw new UsageError(
    "A seed is never an argument: other programs see arguments, and shells keep them. " +
      "What you typed may now be in your shell's history: remove it there, and if others use this machine, move your coins to a new seed. " +
      "Nothing was done. Run the command without it: it asks, and shows nothing of what you type",
  );
}

/** A server's name for itself, which errors say, and which is hex as well. */
function isRealm(arg: string, before: string | undefined): boolean {
  return before === "--accept-realm"
    ? arg.length === REALM_DIGITS
    : arg.length === "--accept-realm=".length + REALM_DIGITS && arg.startsWith("--accept-realm=");
}
