import { AnotherRealmError } from "./errors.ts";
import type { KnownServer, ServerInfo } from "./server-info.ts";

/**
 * A person takes the server for what it is now.
 *
 * @param realm the one that the person was shown, in hex: no other is pinned
 * @param leave called before: from then on what belongs to the server before would be sent to this one
 * @throws what `Client.acceptRealm` does
 */
export async function acceptRealm(
  server: KnownServer,
  realm: string,
  leave: () => Promise<void>,
  signal?: AbortSignal,
): Promise<ServerInfo> {
  if (typeof realm !== "string" || !/^[0-9a-f]{32}$/.test(realm)) {
    throw new TypeError("realm must be 32 characters of lower-case hex");
  }
  try {
    return await server.info(signal, realm);
  } catch (error) {
    if (!(error instanceof AnotherRealmError) || error.found !== realm) throw error;
    await leave();
    await server.pin(realm);
    // Once more, for it may be yet another one by now.
    return server.info(signal);
  }
}
