import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { FastifyBaseLogger } from "fastify";
import { createTransport } from "nodemailer";
import { hexOf } from "../bytes.ts";
import type { ResolvedConfig } from "../config.ts";

/** A message, plain text. */
export interface OutgoingMail {
  /** One e-mail address. */
  to: string;
  /** One line. */
  subject: string;
  /** The body. */
  text: string;
  /** The address that the message is about, as it stands in `text`. */
  link: string;
}

export interface Mailer {
  /** Sends in the background: who asked does not wait, and does not fail. What goes wrong is logged. */
  send(message: OutgoingMail): void;
}

/** Mail by SMTP, to a function, or, where nothing is set up, to files. */
export function createMailer(config: ResolvedConfig, log: FastifyBaseLogger, inBackground: InBackground): Mailer {
  const deliver = deliveryOf(config, log);
  return {
    send(message) {
      inBackground("mail was not sent", async () => {
        await deliver(message);
      });
    },
  };
}

/** Runs work that no reply waits for; a failure is logged with these words. */
export type InBackground = (failure: string, work: () => Promise<void>) => void;

function deliveryOf(config: ResolvedConfig, log: FastifyBaseLogger): (message: OutgoingMail) => Promise<void> {
  const { smtpUrl, from, deliver } = config.mail;
  if (deliver) return async (message) => deliver(message);
  if (smtpUrl) {
    const transport = createTransport(smtpUrl);
    return async ({ to, subject, text }) => {
      await transport.sendMail({ from, to, subject, text });
    };
  }
  const folder = resolve(config.dataDir, "mail");
  const composer = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  return async ({ to, subject, text }) => {
    // Unbroken lines: a person copies the link out of the file.
    const { message } = await composer.sendMail({ from, to, subject, text, encoding: "8bit" });
    const name = `${new Date(config.clock()).toISOString().replaceAll(":", "-")}-${hexOf(config.randomBytes(4))}.eml`;
    const path = join(folder, name);
    // For the operator's eyes alone: a link in it lets its reader in.
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(path, message as Buffer, { mode: 0o600, flag: "wx" });
    log.info({ path }, "no SMTP server is set up: mail was written to a file");
  };
}
