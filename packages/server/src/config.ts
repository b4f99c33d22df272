import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { OutgoingMail } from "./mail/mailer.ts";
import { LOOPBACK_ORIGINS, parseOriginRule } from "./wallets/origins.ts";

/** How a server is set up; everything has a default but where it keeps its data. */
export interface ServerConfig {
  /** Folder of the database and, without SMTP, of the mail. Made if missing. */
  dataDir: string;
  /** File of the database, or ":memory:"; by default `cloudbackup.sqlite` in `dataDir`. */
  database?: string;
  /** What people see it called, 64 characters at most; "CloudBackup" by default. */
  name?: string;
  /**
   * The URLs under which clients reach it, the first for links in mail: `https://backup.example`, or `http://10.0.0.7:*`
   * for any port. Signatures made for others are refused. By default loopback, at any port.
   */
  origins?: readonly string[];
  /** Who may become a user. "open" by default. */
  registration?: "open" | "closed";
  /** What a new user must do before signing in: follow a link sent by mail (the default), or nothing. */
  activation?: "mail" | "none";
  /** Where mail goes. By default each message becomes a file in `<dataDir>/mail/`. */
  mail?: MailConfig;
  /** How long a session by password lasts; 30 days. */
  passwordSessionMs?: number;
  /** How long a session by seed lasts; 24 hours. */
  walletSessionMs?: number;
  /** "info" by default. */
  logLevel?: LogLevel;
  /** Where log lines go; standard output by default. */
  logTo?: {
    /**
     * Takes a line.
     *
     * @param line JSON, with its line feed
     */
    write(line: string): void;
  };
  /** Unix milliseconds now; the machine's clock by default. */
  clock?: () => number;
  /**
   * Cryptographic randomness; Node's by default.
   *
   * @param length how many bytes
   */
  randomBytes?: (length: number) => Uint8Array;
}

/** How mail leaves the server. */
export interface MailConfig {
  /** `smtp://` or `smtps://`, with user and password if need be. */
  smtpUrl?: string;
  /** Sender, `CloudBackup <backup@example.org>`; `cloudbackup@localhost` by default. */
  from?: string;
  /**
   * Takes each message instead: for tests, and for mail services without SMTP. What it throws is logged.
   *
   * @param message to one person
   */
  deliver?: (message: OutgoingMail) => Promise<void> | void;
}

/**
 * The least that is logged, after pino.
 *
 * @useDeclaredType
 */
export type LogLevel = (typeof LOG_LEVELS)[number];

export type ResolvedConfig = Required<Omit<ServerConfig, "mail" | "logTo">> & {
  mail: MailConfig & { from: string };
  logTo: ServerConfig["logTo"];
};

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
const REGISTRATIONS = ["open", "closed"] as const;
const ACTIVATIONS = ["mail", "none"] as const;
const OPTIONS = [
  "dataDir",
  "database",
  "name",
  "origins",
  "registration",
  "activation",
  "mail",
  "passwordSessionMs",
  "walletSessionMs",
  "logLevel",
  "logTo",
  "clock",
  "randomBytes",
] as const satisfies readonly (keyof ServerConfig)[];
const MAIL_OPTIONS = ["smtpUrl", "from", "deliver"] as const satisfies readonly (keyof MailConfig)[];

const DAY_MS = 24 * 60 * 60 * 1000;
/** Each may cost a check of a signature. */
export const MAX_ORIGINS = 16;

/**
 * Fills in the defaults.
 *
 * @throws TypeError, RangeError naming the option that is unknown or wrong
 */
export function resolveConfig(config: ServerConfig): ResolvedConfig {
  assertKnown(config, OPTIONS, "config");
  assertKnown(config.mail ?? {}, MAIL_OPTIONS, "config.mail");
  const dataDir = text(config.dataDir, "dataDir");
  const mail = config.mail ?? {};
  return {
    dataDir,
    database: text(config.database ?? join(dataDir, "cloudbackup.sqlite"), "database"),
    name: text(config.name ?? "CloudBackup", "name", 64),
    origins: origins(config.origins ?? [], "origins"),
    registration: oneOf(config.registration ?? "open", REGISTRATIONS, "registration"),
    activation: oneOf(config.activation ?? "mail", ACTIVATIONS, "activation"),
    mail: {
      ...mail,
      ...(mail.smtpUrl === undefined ? {} : { smtpUrl: smtpUrl(mail.smtpUrl, "mail.smtpUrl") }),
      from: text(mail.from ?? "CloudBackup <cloudbackup@localhost>", "mail.from", 320),
    },
    passwordSessionMs: duration(config.passwordSessionMs ?? 30 * DAY_MS, "passwordSessionMs"),
    walletSessionMs: duration(config.walletSessionMs ?? DAY_MS, "walletSessionMs"),
    logLevel: oneOf(config.logLevel ?? "info", LOG_LEVELS, "logLevel"),
    logTo: config.logTo,
    clock: config.clock ?? Date.now,
    randomBytes: config.randomBytes ?? randomBytes,
  };
}

/** A mistyped option must not be ignored. */
function assertKnown(options: object, known: readonly string[], name: string): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw new TypeError(`${name} has no option "${key}"; it knows ${known.join(", ")}`);
  }
}

function text(value: unknown, name: string, maxLength = 4096): string {
  if (typeof value !== "string" || value === "") throw new TypeError(`${name} must be text that is not empty`);
  if (value.length > maxLength) throw new RangeError(`${name} must have at most ${maxLength} characters`);
  return value;
}

function oneOf<const Value extends string>(value: unknown, values: readonly Value[], name: string): Value {
  const found = values.find((each) => each === value);
  if (found === undefined) throw new TypeError(`${name} must be ${values.join(" or ")}, not "${String(value)}"`);
  return found;
}

function duration(value: number, name: string): number {
  if (!Number.isSafeInteger(value) || value < 1000) throw new RangeError(`${name} must be milliseconds, 1000 at least`);
  return value;
}

function origins(values: readonly string[], name: string): readonly string[] {
  if (!Array.isArray(values)) throw new TypeError(`${name} must be a list of URLs`);
  if (values.length > MAX_ORIGINS) throw new RangeError(`${name} must be ${MAX_ORIGINS} at most`);
  if (values.length === 0) return LOOPBACK_ORIGINS;
  return values.map((value) => parseOriginRule(value, name).text);
}

function smtpUrl(value: string, name: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (!url || !["smtp:", "smtps:"].includes(url.protocol)) {
    // The value is not repeated: it may hold a password.
    throw new TypeError(`${name} must be a URL like smtp://user:password@mail.example:587`);
  }
  return value;
}
