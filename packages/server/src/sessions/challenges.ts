import { createHmac, timingSafeEqual } from "node:crypto";
import type { Context } from "../context.ts";
import { ProblemError } from "../errors.ts";

/*
 * A challenge proves that a signature is new. The server keeps nothing for one that it gives out:
 *
 *   expiry (6, big-endian Unix milliseconds) ‖ random (10) ‖ first 16 bytes of HMAC-SHA-256(secret, label ‖ 16 bytes before)
 *
 * Only a used one is recorded, until it expires.
 */

const CHALLENGE_BYTES = 32;
const CHALLENGE_MS = 2 * 60 * 1000;
const EXPIRY_BYTES = 6;
const RANDOM_BYTES = 10;
const BODY_BYTES = EXPIRY_BYTES + RANDOM_BYTES;
const LABEL = "cloudbackup-server/challenge";

type Parts = Pick<Context, "store" | "config">;

export function createChallenge({ store, config }: Parts): Buffer {
  const body = Buffer.alloc(BODY_BYTES);
  body.writeUIntBE(config.clock() + CHALLENGE_MS, 0, EXPIRY_BYTES);
  body.set(config.randomBytes(RANDOM_BYTES), EXPIRY_BYTES);
  return Buffer.concat([body, mac(store.identity.secret, body)]);
}

/** Whether this server made it and it has not expired. @throws ProblemError `challenge-spent` */
export function assertChallenge({ store, config }: Parts, challenge: Buffer): void {
  const body = challenge.subarray(0, BODY_BYTES);
  const isOurs = timingSafeEqual(mac(store.identity.secret, body), challenge.subarray(BODY_BYTES));
  if (!isOurs || expiryOf(challenge) <= config.clock()) throw new ProblemError("challenge-spent");
}

/** Uses it up; after the signature over it was checked, so that nobody else can. @throws ProblemError `challenge-spent` */
export async function spendChallenge({ store, config }: Parts, challenge: Buffer): Promise<void> {
  const isFirst = await store.sessions.spendChallenge(challenge, expiryOf(challenge), config.clock());
  if (!isFirst) throw new ProblemError("challenge-spent");
}

function expiryOf(challenge: Buffer): number {
  return challenge.readUIntBE(0, EXPIRY_BYTES);
}

function mac(secret: Uint8Array, body: Uint8Array): Buffer {
  return createHmac("sha256", secret)
    .update(LABEL)
    .update(body)
    .digest()
    .subarray(0, CHALLENGE_BYTES - BODY_BYTES);
}
