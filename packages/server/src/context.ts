import type { FastifyBaseLogger } from "fastify";
import type { ResolvedConfig } from "./config.ts";
import type { EventStreams } from "./events/streams.ts";
import type { InBackground, Mailer } from "./mail/mailer.ts";
import type { Store } from "./store/store.ts";
import type { Passwords } from "./users/passwords.ts";
import type { SignatureChecker } from "./wallets/signatures.ts";

/** What every room is given. */
export interface Context {
  config: ResolvedConfig;
  store: Store;
  log: FastifyBaseLogger;
  mailer: Mailer;
  inBackground: InBackground;
  passwords: Passwords;
  streams: EventStreams;
  checkSignature: SignatureChecker;
  /** Scheme, host and port for links, without a slash at the end. */
  baseUrl(): string;
}
