import { type SignatureTag, walletIdOf } from "@cloudbackup/core/wire";
import type { Static } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import type { Context } from "../context.ts";
import { ProblemError } from "../errors.ts";
import { assertChallenge, spendChallenge } from "../sessions/challenges.ts";
import type { walletSignInBody } from "../sessions/schemas.ts";
import { addressOf } from "./signatures.ts";

export interface ProvenWallet {
  id: Buffer;
  publicKey: Buffer;
}

/**
 * Checks that the sender of a request holds a wallet's seed, now: the id is that of the key, the challenge is this server's
 * and new, the signature is the key's. Says nothing about whether the server has such a wallet.
 *
 * @param fieldsOf what is signed, given the challenge
 * @throws ProblemError `wallet-key-mismatch`, `challenge-spent`, `bad-signature`, `wrong-origin`
 */
export async function proveWallet(
  context: Context,
  request: FastifyRequest,
  body: Static<typeof walletSignInBody>,
  tag: SignatureTag,
  fieldsOf: (challenge: Uint8Array) => Uint8Array,
): Promise<ProvenWallet> {
  const id = Buffer.from(body.wallet, "hex");
  const publicKey = Buffer.from(body.publicKey, "hex");
  const challenge = Buffer.from(body.challenge, "hex");
  if (!id.equals(walletIdOf(publicKey))) throw new ProblemError("wallet-key-mismatch");
  assertChallenge(context, challenge);
  await context.checkSignature({
    tag,
    walletId: id,
    publicKey,
    fields: fieldsOf(challenge),
    signature: body.signature,
    address: addressOf(request),
  });
  await spendChallenge(context, challenge);
  return { id, publicKey };
}
