import { Type } from "@fastify/type-provider-typebox";
import { hexSchema } from "../schemas.ts";

export const signInBody = Type.Object(
  {
    // Not the rules for new ones: a wrong one is no user's, and that is all there is to say.
    username: Type.String({ maxLength: 256 }),
    password: Type.String({ maxLength: 1024 }),
  },
  { additionalProperties: false },
);

/** What shows that the sender holds a wallet's seed. */
export const walletProof = {
  wallet: hexSchema(32),
  publicKey: hexSchema(32),
  challenge: hexSchema(32),
  signature: Type.String({ maxLength: 128, description: "must be an Ed25519 signature in base64url" }),
};

export const walletSignInBody = Type.Object(walletProof, { additionalProperties: false });

export const sessionParams = Type.Object({ id: Type.String() });
