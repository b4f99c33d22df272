import { sha256 } from "../bytes.ts";

/** 256 bits: what is stored needs no salt and no slow hash. */
export const TOKEN_BYTES = 32;

export interface NewToken {
  /** base64url, for its holder alone. */
  text: string;
  /** What the database keeps. */
  hash: Uint8Array;
}

/** A secret whose hash alone is kept: whoever reads the database cannot use it. */
export function createToken(randomBytes: (length: number) => Uint8Array): NewToken {
  const bytes = randomBytes(TOKEN_BYTES);
  return { text: Buffer.from(bytes).toString("base64url"), hash: sha256(bytes) };
}
