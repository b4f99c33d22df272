import { hash, verify } from "@node-rs/argon2";

/** OWASP's Password Storage Cheat Sheet, Argon2id: 19 MiB, 2 passes, 1 lane. The library's default algorithm is Argon2id. */
const ARGON2_OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Null where there is no user: takes as long, and is false. */
  verify(passwordHash: string | null, password: string): Promise<boolean>;
}

/** Argon2id in the thread pool. */
export async function createPasswords(randomBytes: (length: number) => Uint8Array): Promise<Passwords> {
  // What nobody's password verifies against, with the work of one that somebody has.
  const nobodys = await hash(randomBytes(32), ARGON2_OPTIONS);
  return {
    hash: (password) => hash(canonical(password), ARGON2_OPTIONS),
    async verify(passwordHash, password) {
      const right = await verify(passwordHash ?? nobodys, canonical(password));
      return right && passwordHash !== null;
    },
  };
}

/** Keyboards differ in how they compose the same characters (NIST SP 800-63B §5.1.1.2). */
function canonical(password: string): string {
  return password.normalize("NFKC");
}
