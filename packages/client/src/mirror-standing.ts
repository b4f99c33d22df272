import {
  AnotherRealmError,
  type CloudBackupError,
  DoesNotDecryptError,
  ForkError,
  IncompleteError,
  NoBackupError,
  NotSignedInError,
  NotYoursError,
  NoWalletError,
  TamperedError,
  TooLargeError,
  UnsupportedVersionError,
  WalletGoneError,
  WentBackError,
} from "./errors.ts";

/** How one of several servers stands, beside the newest backup of all. */
export interface MirrorStanding {
  /** The server's, as its client has it. */
  readonly url: string;
  /** The server's, 32 hex characters; undefined where it has never answered. */
  readonly realm: string | undefined;
  /**
   * `ok`: it has the newest content; `stale`: an older one, as one has that was away; `missing`: no wallet or no backup;
   * `lying`: it went back, or shows what no device of this wallet has left there; `unreadable`: it may have a backup, which
   * this user, this device or this version cannot read; `unreachable`: nothing is known.
   */
  readonly state: "ok" | "stale" | "missing" | "lying" | "unreadable" | "unreachable";
  /** Of its backup, where that could be read. */
  readonly revision: number | undefined;
  /** Generation of that. */
  readonly gen: number | undefined;
  /** Why it is not `ok` or `stale`. */
  readonly error: CloudBackupError | undefined;
}

const MISSING = [NoWalletError, NoBackupError, WalletGoneError];
const LYING = [WentBackError, ForkError, AnotherRealmError, TamperedError, IncompleteError, DoesNotDecryptError];
const UNREADABLE = [UnsupportedVersionError, TooLargeError, NotYoursError];

/** What an error says of the server that it came from. */
export function stateOfError(error: CloudBackupError): Exclude<MirrorStanding["state"], "ok" | "stale"> {
  const isOne = (classes: readonly (abstract new (...args: never[]) => Error)[]) =>
    classes.some((each) => error instanceof each);
  if (isOne(MISSING)) return "missing";
  if (isOne(LYING)) return "lying";
  if (isOne(UNREADABLE) || error instanceof NotSignedInError) return "unreadable";
  return error.retryable || error.code === "ERR_CB_BAD_RESPONSE" || error.code === "ERR_CB_REDIRECTED"
    ? "unreachable"
    : "unreadable";
}

/** What says most first: that a server has nothing is true of all only where it is true of each. */
const TELLING = ["lying", "unreadable", "unreachable", "missing"] as const;

/** The error that says most, with those of the other servers as its cause. */
export function mostTelling(errors: readonly CloudBackupError[]): CloudBackupError {
  const rank = (error: CloudBackupError) => {
    // A wallet that is gone was there, and one without a backup is there.
    const detail = error instanceof WalletGoneError ? 0 : error instanceof NoBackupError ? 1 : 2;
    return error instanceof WalletGoneError ? 0 : TELLING.indexOf(stateOfError(error)) * 3 + detail;
  };
  const [first, ...others] = [...errors].sort((a, b) => rank(a) - rank(b));
  if (!first) throw new TypeError("there is no error");
  if (others.length === 0) return first;
  const cause = new AggregateError(others, "The other servers have no backup to restore either", {
    cause: first.cause,
  });
  return Object.defineProperty(first, "cause", { value: cause, configurable: true, writable: true });
}
