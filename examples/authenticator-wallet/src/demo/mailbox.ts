import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import PostalMime from "postal-mime";
import { MismatchError } from "./mismatch.ts";

/** The activation e-mail, as the person reads it. */
export interface ActivationMail {
  subject: string;
  /** The link without its token, which is nobody else's business. */
  page: string;
  token: string;
}

const DEADLINE_MS = 10_000;
const POLL_MS = 50;

/** Waits for the e-mail to an address among the `.eml` files below a folder: the server writes it after it has answered. */
export async function receiveActivationMail(folder: string, address: string): Promise<ActivationMail> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const mail = await findMail(folder, address);
    if (mail) return mail;
    if (Date.now() > deadline) throw new MismatchError(`No activation e-mail to ${address} came within 10 seconds`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function findMail(folder: string, address: string): Promise<ActivationMail | null> {
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((name) => name.endsWith(".eml"))) {
    const mail = await PostalMime.parse(await readFile(join(folder, name)));
    const link = mail.text?.match(/(https?:\/\/\S+)#token=([\w-]+)/);
    if (!mail.to?.some((to) => to.address === address) || !link) continue;
    return { subject: mail.subject ?? "", page: link[1] as string, token: link[2] as string };
  }
  return null;
}
