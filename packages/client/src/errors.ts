import { CloudBackupError } from "@cloudbackup/core";
import type { MirrorReceipt } from "./mirror-backup.ts";

export {
  CloudBackupError,
  DoesNotDecryptError,
  IncompleteError,
  InvalidDumpError,
  TamperedError,
  TooLargeError,
  UnsupportedVersionError,
} from "@cloudbackup/core";

type Details = { cause?: unknown; retryable?: boolean };

/* The way there. */

/** No answer, or none that was whole: no network, a stopped server, a time-out, a connection cut. */
export class UnreachableError extends CloudBackupError {
  constructor(message: string, details: Details = {}) {
    super("ERR_CB_UNREACHABLE", message, { retryable: true, ...details });
  }
}

/** What answered does not speak the protocol: a captive portal, a proxy, another program at this URL. */
export class BadResponseError extends CloudBackupError {
  constructor(message: string, details: Details = {}) {
    super("ERR_CB_BAD_RESPONSE", message, { retryable: true, ...details });
  }
}

/** The server points elsewhere. No redirect is followed: give `createClient` the final URL. */
export class RedirectedError extends CloudBackupError {
  constructor(status?: number) {
    super(
      "ERR_CB_REDIRECTED",
      `The server redirects${status ? ` (status ${status})` : ""}; give createClient the URL that it redirects to`,
    );
  }
}

/* What the server answered. */

/** A problem that the server named. Codes with a meaning of their own have a subclass. @see RFC 9457 */
export class ServerError extends CloudBackupError {
  /** Status of the HTTP answer. */
  readonly status: number;
  /** The server's name for the problem, kebab-case. */
  readonly problem: string;
  /** Names the request in the server's log. */
  readonly requestId: string | undefined;
  /** What is wrong in the request; empty where the server did not say. */
  readonly errors: readonly {
    /** JSON pointer (RFC 6901) to it: `/username`. */
    pointer: string;
    /** For people. */
    detail: string;
  }[];
  /** How long the server asks to wait; undefined where it does not. */
  readonly retryAfterMs: number | undefined;

  constructor(code: string, answer: ProblemAnswer, retryable = false) {
    super(code, answer.detail ?? answer.title ?? `The server answered ${answer.status}`, { retryable });
    this.status = answer.status;
    this.problem = answer.code;
    this.requestId = answer.requestId;
    this.errors = errorsOf(answer.members.errors);
    this.retryAfterMs = answer.retryAfterMs;
  }
}

export interface ProblemAnswer {
  status: number;
  code: string;
  title?: string | undefined;
  detail?: string | undefined;
  requestId?: string | undefined;
  retryAfterMs?: number | undefined;
  /** All members of the problem. */
  members: Readonly<Record<string, unknown>>;
}

/** The request breaks a rule of the server; `detail` says which. */
export class RefusedError extends ServerError {
  constructor(answer: ProblemAnswer) {
    super("ERR_CB_REFUSED", answer);
  }
}

/** The server cannot work right now. */
export class UnavailableError extends ServerError {
  constructor(answer: ProblemAnswer) {
    super("ERR_CB_UNAVAILABLE", answer, true);
  }
}

/** Too many requests for now. */
export class RateLimitedError extends ServerError {
  constructor(answer: ProblemAnswer) {
    super("ERR_CB_RATE_LIMITED", answer, true);
  }
}

/** No session, or an expired one. */
export class NotSignedInError extends CloudBackupError {
  constructor(message: string, details: Details = {}) {
    super("ERR_CB_NOT_SIGNED_IN", message, details);
  }
}

/** Username or password are wrong; the server does not say which. */
export class BadCredentialsError extends ServerError {
  constructor(answer: ProblemAnswer) {
    super("ERR_CB_BAD_CREDENTIALS", answer);
  }
}

/** The password is right, the link in the e-mail was not opened yet. */
export class NotActivatedError extends ServerError {
  constructor(answer: ProblemAnswer) {
    super("ERR_CB_NOT_ACTIVATED", answer);
  }
}

/** Another user has that name. */
export class UsernameTakenError extends ServerError {
  constructor(answer: ProblemAnswer) {
    super("ERR_CB_USERNAME_TAKEN", answer);
  }
}

/** An activation link that was used, or is older than a day. */
export class TokenSpentError extends ServerError {
  constructor(answer: ProblemAnswer) {
    super("ERR_CB_TOKEN_SPENT", answer);
  }
}

/** The server keeps no more for this user. */
export class QuotaExceededError extends ServerError {
  constructor(answer: ProblemAnswer) {
    super("ERR_CB_QUOTA_EXCEEDED", answer);
  }
}

/** A commit names chunks that the server does not have. The client sends them again by itself where it can. */
export class ChunksMissingError extends ServerError {
  constructor(answer: ProblemAnswer) {
    super("ERR_CB_CHUNKS_MISSING", answer);
  }
}

/** The server is known under other URLs than the one that was called: nothing signed for this one is worth anything. */
export class WrongOriginError extends ServerError {
  constructor(answer: ProblemAnswer) {
    super("ERR_CB_WRONG_ORIGIN", answer);
  }
}

/* What is there. */

/** The server has no wallet of this seed: it said so to the seed's holder. */
export class NoWalletError extends CloudBackupError {
  constructor(message = "This server has no wallet of this seed", details: Details = {}) {
    super("ERR_CB_NO_WALLET", message, details);
  }
}

/** The wallet is registered and was never backed up. */
export class NoBackupError extends CloudBackupError {
  constructor(message = "This wallet was never backed up on this server", details: Details = {}) {
    super("ERR_CB_NO_BACKUP", message, details);
  }
}

/** The wallet is there, under another user. Sign in as that user, or by the seed. */
export class NotYoursError extends CloudBackupError {
  /** Whose it is; the server tells the seed's holder. */
  readonly username: string;

  constructor(username: string) {
    super("ERR_CB_NOT_YOURS", `This wallet belongs to the user ${username}`);
    this.username = username;
  }
}

/** Another device has written since. Nothing was stored. */
export class RevisionConflictError extends CloudBackupError {
  /** The revision that is there; 0 where the server did not say. */
  readonly currentRevision: number;
  /** SHA-256 of the envelope that is there, hex, where it is known. */
  readonly currentSha256: string | undefined;

  constructor(currentRevision: number, currentSha256?: string, details: Details = {}) {
    const message = `Another device has written revision ${currentRevision}: restore() and accept() it, then back up again`;
    super("ERR_CB_REVISION_CONFLICT", message, details);
    this.currentRevision = currentRevision;
    this.currentSha256 = currentSha256;
  }
}

/** Two servers that should be two are one: they have the same realm. */
export class SameRealmError extends CloudBackupError {
  constructor(message = "Both clients lead to one server: they see the same realm") {
    super("ERR_CB_SAME_REALM", message);
  }
}

/** Fewer of several servers have the backup than were asked for. Those that have it keep it. */
export class QuorumError extends CloudBackupError {
  /** What each server answered. */
  readonly servers: readonly MirrorReceipt[];
  /** How many were asked for. */
  readonly quorum: number;

  constructor(servers: readonly MirrorReceipt[], quorum: number) {
    const stored = servers.filter(({ receipt }) => receipt).length;
    const errors = servers.flatMap(({ error }) => error ?? []);
    super("ERR_CB_QUORUM", `${stored} of ${servers.length} servers have the backup, ${quorum} were asked for`, {
      // What a person must mend before what mends itself.
      cause: errors.find(({ retryable }) => !retryable) ?? errors[0],
      retryable: errors.some(({ retryable }) => retryable),
    });
    this.servers = servers;
    this.quorum = quorum;
  }
}

/* What protects a good backup. */

/** This installation has neither restored nor written the backup that the server holds. */
export class RestoreFirstError extends CloudBackupError {
  /** The revision that is there. */
  readonly currentRevision: number;

  constructor(currentRevision: number) {
    super(
      "ERR_CB_RESTORE_FIRST",
      `The server holds revision ${currentRevision}, which this device has not restored; backing up now would replace it unseen`,
    );
    this.currentRevision = currentRevision;
  }
}

/** The dump lacks a pairing, or half of the accounts, of the backup before it. */
export class WouldShrinkError extends CloudBackupError {
  /** Ids of accounts that would be lost. */
  readonly lostAccounts: readonly string[];
  /** Ids of pairings that would be lost. */
  readonly lostPairings: readonly string[];

  constructor(lostAccounts: readonly string[], lostPairings: readonly string[]) {
    super(
      "ERR_CB_WOULD_SHRINK",
      `This backup would lose some of the one before (accounts: ${lostAccounts.length}, pairings: ${lostPairings.length}); { allowShrink: true } allows it`,
    );
    this.lostAccounts = lostAccounts;
    this.lostPairings = lostPairings;
  }
}

/* What the server should not do. Only a person overrides these. */

/** The server shows an older state than this device has seen. */
export class WentBackError extends CloudBackupError {
  constructor(message: string) {
    super("ERR_CB_WENT_BACK", message);
  }
}

/** The server's history is not the one that this device has seen. */
export class ForkError extends CloudBackupError {
  constructor(message: string) {
    super("ERR_CB_FORK", message);
  }
}

/** A wallet that this device has backed up here is gone. */
export class WalletGoneError extends CloudBackupError {
  constructor(revision: number) {
    super("ERR_CB_WALLET_GONE", `The server has lost this wallet, of which this device has seen revision ${revision}`);
  }
}

/**
 * The server at this URL is another one than before. Where a person knows why, `Client.acceptRealm(found)` goes on with it, and
 * its wallets are opened anew.
 */
export class AnotherRealmError extends CloudBackupError {
  /** The realm that was expected, 32 hex characters: the one that was seen there first, or that a wallet was opened for. */
  readonly expected: string;
  /** The realm that is there now. */
  readonly found: string;

  constructor(url: string, expected: string, found: string) {
    super(
      "ERR_CB_ANOTHER_REALM",
      `The server at ${url} has the realm ${found}, not ${expected}: it is another server, or lost its data`,
    );
    this.expected = expected;
    this.found = found;
  }
}

type OfProblem = new (answer: ProblemAnswer) => CloudBackupError;

/** A map: a server's word must not find what every object inherits. */
const BY_PROBLEM: ReadonlyMap<string, OfProblem> = new Map<string, OfProblem>([
  ["bad-credentials", BadCredentialsError],
  ["not-activated", NotActivatedError],
  ["username-taken", UsernameTakenError],
  ["token-spent", TokenSpentError],
  ["chunks-missing", ChunksMissingError],
  ["quota-exceeded", QuotaExceededError],
  ["wrong-origin", WrongOriginError],
]);

/** The error of a problem that the server answered. */
export function errorOfProblem(answer: ProblemAnswer): CloudBackupError {
  const Specific = BY_PROBLEM.get(answer.code);
  if (Specific) return new Specific(answer);
  switch (answer.code) {
    case "not-signed-in":
      return new NotSignedInError(answer.detail ?? "Sign in first");
    case "no-wallet":
      return new NoWalletError();
    case "no-backup":
      return new NoBackupError();
    case "revision-conflict":
      return conflictOf(answer.members);
  }
  if (answer.status === 429) return new RateLimitedError(answer);
  if (answer.status >= 500) return new UnavailableError(answer);
  return new RefusedError(answer);
}

function errorsOf(errors: unknown): { pointer: string; detail: string }[] {
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((each: { pointer?: unknown; detail?: unknown } | null) => {
    const { pointer, detail } = each ?? {};
    return typeof pointer === "string" && typeof detail === "string" ? [{ pointer, detail }] : [];
  });
}

function conflictOf({ currentRevision, currentSha256 }: ProblemAnswer["members"]): RevisionConflictError {
  return new RevisionConflictError(
    Number.isSafeInteger(currentRevision) ? (currentRevision as number) : 0,
    typeof currentSha256 === "string" ? currentSha256 : undefined,
  );
}
