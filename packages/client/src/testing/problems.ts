/** Failures of the protocol, and their statuses. @see docs/errors.md */
const STATUS = {
  "bad-credentials": 401,
  "bad-signature": 401,
  "challenge-spent": 401,
  "chunks-missing": 422,
  "chunks-not-in-use": 422,
  internal: 500,
  "invalid-request": 422,
  "malformed-bundle": 422,
  "malformed-request": 400,
  "method-not-allowed": 405,
  "no-backup": 404,
  "no-route": 404,
  "no-session": 404,
  "no-wallet": 404,
  "not-activated": 403,
  "not-signed-in": 401,
  "quota-exceeded": 507,
  "rate-limited": 429,
  "registration-closed": 403,
  "revision-conflict": 409,
  "session-too-narrow": 403,
  "token-spent": 410,
  "too-large": 413,
  unavailable: 503,
  "unsupported-format": 422,
  "unsupported-media-type": 415,
  "username-taken": 409,
  "wallet-key-mismatch": 422,
  "wallet-registered": 409,
  "wrong-origin": 403,
} as const;

/**
 * A problem's name on the wire: `revision-conflict`. docs/errors.md explains each.
 *
 * @useDeclaredType
 */
export type TestProblemCode = keyof typeof STATUS;

/** What is thrown where a request breaks a rule of the protocol. */
export class Problem extends Error {
  readonly code: TestProblemCode;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: TestProblemCode,
    detail?: string,
    more: { members?: Readonly<Record<string, unknown>>; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail ?? code);
    this.code = code;
    this.members = more.members ?? {};
    this.headers = more.headers ?? {};
  }

  get status(): number {
    return STATUS[this.code];
  }
}

/** The answer of a failure. @see RFC 9457 §3 */
export function problemAnswer(problem: Problem, requestId: string): Response {
  const { code, status, message, members, headers } = problem;
  const body = {
    type: `urn:cloudbackup:problem:${code}`,
    title: code,
    status,
    code,
    ...(message === code || status >= 500 ? {} : { detail: message }),
    requestId,
    ...members,
  };
  const own = {
    "content-type": "application/problem+json",
    ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
    ...(code === "unavailable" ? { "retry-after": "5" } : {}),
  };
  return new Response(JSON.stringify(body), { status, headers: { ...own, ...headers } });
}
