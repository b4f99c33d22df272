import { Type } from "@fastify/type-provider-typebox";
import { walletProof } from "../sessions/schemas.ts";

export const walletRegistrationBody = Type.Object(walletProof, { additionalProperties: false });

/** Not checked for its form: what is no id is no wallet, and is answered like one that does not exist. */
export const walletParams = Type.Object({ wallet: Type.String() });
