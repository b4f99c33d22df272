import { Type } from "@fastify/type-provider-typebox";
import { walletParams } from "../wallets/schemas.ts";

/** 1 to 2^53 − 1, as a path or query has it: digits without a leading zero. */
const revisionPattern = "^[1-9][0-9]{0,15}$";

export const revisionParams = Type.Object({
  ...walletParams.properties,
  revision: Type.String({ pattern: `${revisionPattern}|^latest$`, description: "must be a revision or latest" }),
});

export const downloadQuery = Type.Object(
  { chunks: Type.Optional(Type.Literal("none")) },
  { additionalProperties: false },
);

export const chainQuery = Type.Object(
  {
    from: Type.Optional(Type.String({ pattern: `${revisionPattern}|^0$`, description: "must be a revision" })),
  },
  { additionalProperties: false },
);
