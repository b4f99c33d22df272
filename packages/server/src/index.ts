/**
 * The CloudBackup server.
 *
 * @module
 */
export type { LogLevel, MailConfig, ServerConfig } from "./config.ts";
export {
  PROBLEMS,
  type ProblemBody,
  type ProblemCode,
  type ProblemDefinition,
  StartError,
  type StartErrorCode,
} from "./errors.ts";
export type { OutgoingMail } from "./mail/mailer.ts";
export { createServer } from "./server.ts";
