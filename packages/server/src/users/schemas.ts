import { Type } from "@fastify/type-provider-typebox";

const username = Type.String({
  pattern: "^[a-z0-9][a-z0-9._-]{2,31}$",
  description: "must be 3 to 32 characters of a-z 0-9 . _ - and begin with a letter or digit",
});

/** RFC 5321 §4.5.3.1.3 leaves 254 characters for an address. */
const email = Type.String({ format: "email", maxLength: 254, description: "must be an e-mail address" });

export const registrationBody = Type.Object(
  {
    username,
    password: Type.String({ minLength: 8, maxLength: 256, description: "must have 8 to 256 characters" }),
    email,
  },
  { additionalProperties: false },
);

export const resendBody = Type.Object({ username, email }, { additionalProperties: false });

export const activationBody = Type.Object({ token: Type.String({ maxLength: 256 }) }, { additionalProperties: false });
