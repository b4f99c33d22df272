import {
  AnotherRealmError,
  BadCredentialsError,
  ForkError,
  NotActivatedError,
  NotYoursError,
  RateLimitedError,
  RestoreFirstError,
  RevisionConflictError,
  ServerError,
  UnreachableError,
  WalletGoneError,
  WentBackError,
  WouldShrinkError,
} from "@cloudbackup/client";
import { InvalidDumpJsonError } from "@cloudbackup/core/interchange";
import { codeOf } from "./exit-codes.ts";

/** A failure, for people: what is wrong, and what to do. */
export interface Explanation {
  readonly message: string;
  readonly advice?: string;
  /** For programs, beside code and message. */
  readonly details?: object;
}

const UNREACHABLE = "The server cannot be reached";

/** What the errors of the client say to programmers, for who sits at the terminal. */
export function explain(error: unknown): Explanation {
  if (codeOf(error) === "ERR_CB_INTERNAL") {
    // Of what this program did not expect, the text could hold anything.
    return {
      message: "Something went wrong that should not have.",
      advice: "CLOUDBACKUP_DEBUG=1 shows where. Please report it.",
    };
  }
  const { message } = error as Error;
  if (error instanceof RestoreFirstError) {
    const { currentRevision } = error;
    return {
      message: `The server holds revision ${currentRevision} of this wallet, which this machine has not restored: backing up now would replace it unseen.`,
      advice: "Restore it first: cloudbackup restore --out FILE. Or replace it as it is: --replace.",
      details: { currentRevision },
    };
  }
  if (error instanceof RevisionConflictError) {
    const { currentRevision } = error;
    return {
      message: `Another device has written revision ${currentRevision} since this machine restored or backed up. Nothing was stored.`,
      advice:
        "Restore it first: cloudbackup restore --out FILE, and bring your changes into that. Or replace it: --replace.",
      details: { currentRevision },
    };
  }
  if (error instanceof WouldShrinkError) {
    const { lostAccounts, lostPairings } = error;
    const lost = [...lostAccounts.map((id) => `the account ${id}`), ...lostPairings.map((id) => `the pairing ${id}`)];
    return {
      message: `The backup before this one has what the file lacks. Nothing was stored. Lost would be:\n${lost.map((each) => `  ${each}`).join("\n")}`,
      advice: "If that is what you want: --allow-shrink.",
      details: { lostAccounts, lostPairings },
    };
  }
  if (error instanceof AnotherRealmError) {
    const { expected, found } = error;
    return {
      message: `${message}.`,
      advice: `If you know why, for instance because it was set up anew: --accept-realm ${found}`,
      details: { expected, found },
    };
  }
  if (error instanceof WentBackError || error instanceof ForkError || error instanceof WalletGoneError) {
    return {
      message: `${message}.`,
      advice:
        "Ask who runs the server. What this machine has seen stays here; a look without it: cloudbackup show --no-state. To write over what the server has now: backup --replace.",
    };
  }
  if (error instanceof UnreachableError) {
    return {
      message: message.startsWith(UNREACHABLE) ? message : `${UNREACHABLE}: ${message}`,
      advice: "Nothing is known of the backup: try again.",
    };
  }
  if (error instanceof BadCredentialsError) {
    return { message, advice: "Who forgot either needs neither: the words alone restore and back up." };
  }
  if (error instanceof NotActivatedError)
    return { message, advice: "Open the link in the e-mail, or: cloudbackup activate" };
  if (error instanceof NotYoursError) {
    return { message: `${message}.`, details: { username: error.username } };
  }
  if (error instanceof RateLimitedError && error.retryAfterMs !== undefined) {
    return { message, advice: `Try again in ${Math.ceil(error.retryAfterMs / 1000)} seconds.` };
  }
  if (error instanceof ServerError && error.errors.length > 0) {
    const problems = error.errors.map(({ pointer, detail }) =>
      pointer === "" ? detail : `${pointer.replace(/^\//, "")}: ${detail}`,
    );
    // The message of some servers is the first of them once more.
    const isSaid = message.endsWith(problems[0] as string);
    const lines = isSaid ? problems : [message, ...problems.map((problem) => `  ${problem}`)];
    return { message: lines.join("\n"), details: { errors: error.errors } };
  }
  if (error instanceof InvalidDumpJsonError && error.path === "") {
    return {
      message,
      advice: "A dump is what restore --out saves. Of a file of another wallet one is made by: cloudbackup import FILE",
    };
  }
  return { message };
}
