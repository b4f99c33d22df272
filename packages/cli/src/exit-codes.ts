import { InterruptedError } from "./errors.ts";

/** By kind of failure; docs/cli.md has the same table. */
export const EXIT = {
  ok: 0,
  /** A mistake of this program, or of the machine. */
  internal: 1,
  usage: 2,
  /** Words, shares, pictures, dumps, files. */
  invalid: 3,
  /** No wallet, no backup, no such revision. */
  absent: 4,
  /** No answer, or not now: the same may work later. */
  unreachable: 5,
  /** Wrong password, another user's wallet, not activated; what the server refuses. */
  refused: 6,
  /** Of another seed, damaged, or forged. */
  unreadable: 7,
  /** Parts are missing. */
  incomplete: 8,
  /** Another device has written, or this one has not restored: nothing was stored. */
  conflict: 9,
  /** The server shows an older or another history, or is another server. */
  wentBack: 10,
  /** `verify` found differences. */
  differs: 11,
} as const;

const BY_CODE = new Map<string, number>([
  ["ERR_CB_USAGE", EXIT.usage],
  ["ERR_CB_NO_TERMINAL", EXIT.usage],
  ["ERR_CB_NO_WALLET", EXIT.absent],
  ["ERR_CB_NO_BACKUP", EXIT.absent],
  ["ERR_CB_UNREACHABLE", EXIT.unreachable],
  ["ERR_CB_BAD_RESPONSE", EXIT.unreachable],
  ["ERR_CB_REDIRECTED", EXIT.unreachable],
  ["ERR_CB_UNAVAILABLE", EXIT.unreachable],
  ["ERR_CB_RATE_LIMITED", EXIT.unreachable],
  ["ERR_CB_WRONG_ORIGIN", EXIT.unreachable],
  ["ERR_CB_REFUSED", EXIT.refused],
  ["ERR_CB_NOT_SIGNED_IN", EXIT.refused],
  ["ERR_CB_BAD_CREDENTIALS", EXIT.refused],
  ["ERR_CB_NOT_ACTIVATED", EXIT.refused],
  ["ERR_CB_USERNAME_TAKEN", EXIT.refused],
  ["ERR_CB_TOKEN_SPENT", EXIT.refused],
  ["ERR_CB_QUOTA_EXCEEDED", EXIT.refused],
  ["ERR_CB_NOT_YOURS", EXIT.refused],
  ["ERR_CB_DOES_NOT_DECRYPT", EXIT.unreadable],
  ["ERR_CB_TAMPERED", EXIT.unreadable],
  ["ERR_CB_UNSUPPORTED_VERSION", EXIT.unreadable],
  ["ERR_CB_INCOMPLETE", EXIT.incomplete],
  ["ERR_CB_CHUNKS_MISSING", EXIT.incomplete],
  ["ERR_CB_RESTORE_FIRST", EXIT.conflict],
  ["ERR_CB_WOULD_SHRINK", EXIT.conflict],
  ["ERR_CB_REVISION_CONFLICT", EXIT.conflict],
  ["ERR_CB_MERGE_CONFLICT", EXIT.conflict],
  ["ERR_CB_WENT_BACK", EXIT.wentBack],
  ["ERR_CB_FORK", EXIT.wentBack],
  ["ERR_CB_WALLET_GONE", EXIT.wentBack],
  ["ERR_CB_ANOTHER_REALM", EXIT.wentBack],
  ["ERR_CB_SAME_REALM", EXIT.usage],
  ["ERR_CB_DIFFERS", EXIT.differs],
]);

/** Every other error of these packages is of what was given: words, shares, a picture, a dump, a file. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.exitCode;
  const code = codeOf(error);
  return BY_CODE.get(code) ?? (code === INTERNAL ? EXIT.internal : EXIT.invalid);
}

const INTERNAL = "ERR_CB_INTERNAL";

/** `ERR_CB_…`; of what is no error of these packages, that of a mistake. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && code.startsWith("ERR_CB_") ? code : INTERNAL;
}
