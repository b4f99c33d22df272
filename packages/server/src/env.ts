import { type LogLevel, resolveConfig, type ServerConfig } from "./config.ts";
import { StartError } from "./errors.ts";

/** What the program reads, each with the words of `--help`. */
export const ENVIRONMENT = {
  CLOUDBACKUP_DATA_DIR:
    "folder of the database, of large uploads while they arrive, and of mail without SMTP (default ./data)",
  CLOUDBACKUP_HOST: "address to listen on (default 127.0.0.1)",
  CLOUDBACKUP_PORT: "port to listen on, 0 for a free one (default 8787)",
  CLOUDBACKUP_ORIGINS: "URLs by which clients reach it, separated by commas (default: loopback at any port)",
  CLOUDBACKUP_REGISTRATION: "open or closed (default open)",
  CLOUDBACKUP_ACTIVATION: "mail or none (default mail)",
  CLOUDBACKUP_SMTP_URL: "smtp://user:password@host:port (default: mail is written to files)",
  CLOUDBACKUP_MAIL_FROM: "sender of mail",
  CLOUDBACKUP_NAME: "what people see the server called",
  CLOUDBACKUP_LOG_LEVEL: "fatal, error, warn, info, debug, trace or silent (default info)",
} as const;

export interface ProgramConfig {
  server: ServerConfig;
  host: string;
  port: number;
  /** What is odd, but not wrong. */
  warnings: readonly string[];
}

export type Env = Readonly<Record<string, string | undefined>>;

const OPTION_OF: Readonly<Record<string, keyof typeof ENVIRONMENT>> = {
  dataDir: "CLOUDBACKUP_DATA_DIR",
  origins: "CLOUDBACKUP_ORIGINS",
  registration: "CLOUDBACKUP_REGISTRATION",
  activation: "CLOUDBACKUP_ACTIVATION",
  "mail.smtpUrl": "CLOUDBACKUP_SMTP_URL",
  "mail.from": "CLOUDBACKUP_MAIL_FROM",
  name: "CLOUDBACKUP_NAME",
  logLevel: "CLOUDBACKUP_LOG_LEVEL",
};

/**
 * The program's configuration, checked. An empty variable counts as absent.
 *
 * @throws StartError naming the variable that is wrong
 */
export function configFromEnv(env: Env): ProgramConfig {
  const unknown = Object.keys(env).filter((key) => key.startsWith("CLOUDBACKUP_") && !(key in ENVIRONMENT));
  const read = (key: keyof typeof ENVIRONMENT): string | undefined => env[key]?.trim() || undefined;
  const mail = defined({ smtpUrl: read("CLOUDBACKUP_SMTP_URL"), from: read("CLOUDBACKUP_MAIL_FROM") });
  const server = {
    dataDir: read("CLOUDBACKUP_DATA_DIR") ?? "./data",
    ...defined({
      name: read("CLOUDBACKUP_NAME"),
      origins: read("CLOUDBACKUP_ORIGINS")
        ?.split(",")
        .map((origin) => origin.trim())
        .filter((origin) => origin !== ""),
      // Checked below, like everything else.
      registration: read("CLOUDBACKUP_REGISTRATION") as "open" | undefined,
      activation: read("CLOUDBACKUP_ACTIVATION") as "mail" | undefined,
      logLevel: read("CLOUDBACKUP_LOG_LEVEL") as LogLevel | undefined,
    }),
    mail,
  };
  try {
    resolveConfig(server);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new StartError("ERR_CB_CONFIG", inTermsOfEnv(error.message), { cause: error });
  }
  return {
    server,
    host: read("CLOUDBACKUP_HOST") ?? "127.0.0.1",
    port: parsePort(read("CLOUDBACKUP_PORT") ?? "8787", "CLOUDBACKUP_PORT"),
    // No error: clients and tools have variables of the same prefix.
    warnings: unknown.map((key) => `${key} is no setting of the server; "cloudbackup-server --help" lists them`),
  };
}

/** @throws StartError naming the setting */
export function parsePort(value: string, name: string): number {
  const port = Number(value);
  if (!/^\d{1,5}$/.test(value) || port > 65_535) {
    throw new StartError("ERR_CB_CONFIG", `${name} must be a port from 0 to 65535, not "${value}"`);
  }
  return port;
}

/** Messages begin with the option's name. */
function inTermsOfEnv(message: string): string {
  const [option = ""] = message.split(" ", 1);
  return option in OPTION_OF ? `${OPTION_OF[option]}${message.slice(option.length)}` : message;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the keys that have no value: an option is absent or has one. */
function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
