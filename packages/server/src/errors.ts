import { CloudBackupError } from "@cloudbackup/core/wire";

/** What a client can learn from a code before it reads anything else of a problem. */
export interface ProblemDefinition {
  /** Of the HTTP answer. */
  status: number;
  /** The same for every occurrence (RFC 9457 §3.1.3); `detail` says what is particular. */
  title: string;
  /** Whether the same request can succeed later without anybody changing anything. */
  retryable: boolean;
}

/** A name, not an address (RFC 9457 §3.1.1 allows it): servers live at any domain, and docs/errors.md in the repository. */
const PROBLEM_TYPE_PREFIX = "urn:cloudbackup:problem:";

/** Every way in which a request can fail. docs/errors.md explains each; a test compares the two. */
export const PROBLEMS = {
  "bad-credentials": { status: 401, title: "Wrong username or password", retryable: false },
  "bad-signature": { status: 401, title: "The signature is not this wallet's for this request", retryable: false },
  "challenge-spent": { status: 401, title: "The challenge is used, expired or another server's", retryable: false },
  "chunks-missing": { status: 422, title: "The backup needs chunks that the server does not have", retryable: false },
  "chunks-not-in-use": { status: 422, title: "The backup drops chunks that were not in use", retryable: false },
  internal: { status: 500, title: "The server made a mistake", retryable: false },
  "invalid-request": { status: 422, title: "Something in the request is not as it must be", retryable: false },
  "malformed-bundle": { status: 422, title: "The body is not what the backup format says", retryable: false },
  "malformed-request": { status: 400, title: "The request cannot be read", retryable: false },
  "method-not-allowed": { status: 405, title: "This address knows other methods", retryable: false },
  "no-backup": { status: 404, title: "There is no such backup", retryable: false },
  "no-route": { status: 404, title: "There is nothing at this address", retryable: false },
  "no-session": { status: 404, title: "There is no such session", retryable: false },
  "no-wallet": { status: 404, title: "There is no such wallet", retryable: false },
  "not-activated": { status: 403, title: "The user is not activated yet", retryable: false },
  "not-signed-in": { status: 401, title: "There is no valid session", retryable: false },
  "registration-closed": { status: 403, title: "This server takes no new users", retryable: false },
  "revision-conflict": { status: 409, title: "The wallet's current backup is another one", retryable: false },
  "session-too-narrow": { status: 403, title: "A session by seed is for its own wallet only", retryable: false },
  "token-spent": { status: 410, title: "The token is used, expired or unknown", retryable: false },
  "too-large": { status: 413, title: "The request is too large", retryable: false },
  "too-many-streams": { status: 429, title: "Too many streams of events are open", retryable: true },
  unavailable: { status: 503, title: "The server cannot do this now", retryable: true },
  "unsupported-format": { status: 422, title: "The server does not store this backup format", retryable: false },
  "unsupported-media-type": { status: 415, title: "This address takes bodies of another type", retryable: false },
  "username-taken": { status: 409, title: "The username is taken", retryable: false },
  "wallet-key-mismatch": { status: 422, title: "The wallet's id is not that of the public key", retryable: false },
  "wallet-registered": { status: 409, title: "The wallet is another user's", retryable: false },
  "wrong-origin": {
    status: 403,
    title: "The signature was made for another address than this server's",
    retryable: false,
  },
} as const satisfies Record<string, ProblemDefinition>;

/**
 * A key of `PROBLEMS`.
 *
 * @useDeclaredType
 */
export type ProblemCode = keyof typeof PROBLEMS;

/** Members that a problem carries beside those of every problem (RFC 9457 §3.2). */
export type ProblemMembers = Readonly<Record<string, unknown>>;

/** The body of an `application/problem+json` answer. @see RFC 9457 §3 */
export interface ProblemBody {
  /** `urn:cloudbackup:problem:` and the code. */
  type: string;
  /** That of the code. */
  title: string;
  /** That of the code. */
  status: number;
  /** Stable: what a program compares. */
  code: ProblemCode;
  /** What is particular about this occurrence, for people; never with a 5xx. */
  detail?: string;
  /** Names the request in the server's log. */
  requestId: string;
  /** What the code has beside: `currentRevision`, `errors`, `ids`. */
  [member: string]: unknown;
}

/** A request that fails in a way the protocol has a code for. `message` becomes `detail`: it is read by the caller. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: ProblemCode;
  readonly members: ProblemMembers;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail?: string,
    options: { members?: ProblemMembers; headers?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(detail ?? PROBLEMS[code].title, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.members = options.members ?? {};
    this.headers = options.headers ?? {};
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** The answer's body. What a 5xx is about stays in the log: it helps attackers and nobody else. */
export function problemBody(problem: ProblemError, requestId: string): ProblemBody {
  const { status, title } = PROBLEMS[problem.code];
  const hidden = status >= 500 || problem.message === title;
  return {
    type: `${PROBLEM_TYPE_PREFIX}${problem.code}`,
    title,
    status,
    code: problem.code,
    ...(hidden ? {} : { detail: problem.message }),
    requestId,
    ...problem.members,
  };
}

/** What keeps a server from starting, in a sentence for the person who starts it. */
export class StartError extends CloudBackupError {
  constructor(code: StartErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, message, options);
  }
}

/**
 * What is wrong: the configuration, the data folder, the address to listen at, or a database that a newer version has made.
 */
export type StartErrorCode = "ERR_CB_CONFIG" | "ERR_CB_DATA_DIR" | "ERR_CB_LISTEN" | "ERR_CB_NEWER_DATABASE";

/** The database cannot be used now: busy, full, read-only or broken. The same call may succeed later. */
export class StoreUnavailableError extends CloudBackupError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("ERR_CB_STORE_UNAVAILABLE", message, { ...options, retryable: true });
  }
}
