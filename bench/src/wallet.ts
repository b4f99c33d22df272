import { createClient, type Fetch, type Storage } from "@cloudbackup/client";
import { pseudoRandomBytes } from "./bytes.ts";

/** A seed, another for each number. */
export const seedOf = (index: number): Uint8Array => pseudoRandomBytes(64, 1_000 + index);

/** A client whose user is signed in, new at the server. */
export async function signedInClient(url: string, options: { fetch?: Fetch; storage?: Storage } = {}) {
  const client = createClient({ url, ...options });
  const login = { username: "bench", password: "correct horse battery staple" };
  await client.register({ ...login, email: "bench@example.org" });
  await client.signIn(login);
  return client;
}
