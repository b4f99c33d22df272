import { FORMAT, REALM_BYTES } from "@cloudbackup/core/wire";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { hexOf, listOf, objectOf, textOf, uintOf } from "./answers.ts";
import { AnotherRealmError, BadResponseError, UnsupportedVersionError } from "./errors.ts";
import type { Storage } from "./storage.ts";
import { SMALL_ANSWER_BYTES, type Transport } from "./transport.ts";

const KEY = "realm";

/** What a server says of itself, to anybody. */
export interface ServerInfo {
  /** What people see it called. */
  name: string;
  /** Of its program. */
  version: string;
  /** Backup formats that it stores. */
  formats: readonly number[];
  /** 32 hex characters: names the server's data, whatever its domain. */
  realm: string;
  /** The URLs under which it accepts signatures. */
  origins: readonly string[];
  /** Who may become a user. */
  registration: "open" | "invite" | "closed" | (string & {});
  /** What a new user must do before signing in. */
  activation: "mail" | "admin" | "none" | (string & {});
  /** How large requests may be, by name; as the server says them, not checked. */
  limits: Readonly<Record<string, unknown>>;
}

/**
 * The server at a URL. The first realm that was seen there is kept, and another one later is an error that only a person
 * overrides: nothing else is sent to such a server.
 */
export class KnownServer {
  readonly #transport: Transport;
  readonly #storage: Storage;
  readonly #url: string;
  /** That of the server that answered last, in hex, where it was the pinned one. */
  #checked: string | undefined;

  /** @param storage of this server's entries alone */
  constructor(transport: Transport, storage: Storage, url: URL) {
    this.#transport = transport;
    this.#storage = storage;
    this.#url = url.href;
  }

  /**
   * Asks the server.
   *
   * @param realm that it must have, beside the pinned one, in hex
   * @throws AnotherRealmError, UnsupportedVersionError, BadResponseError, UnreachableError
   */
  async info(signal?: AbortSignal, realm?: string): Promise<ServerInfo> {
    const json = await this.#transport.sendJson({
      method: "GET",
      path: "v1/server",
      maxBytes: SMALL_ANSWER_BYTES,
      idempotent: true,
      signal,
    });
    const info = parseServerInfo(json);
    if (!info.formats.includes(FORMAT)) {
      throw new UnsupportedVersionError(
        `The server stores formats ${info.formats.join(", ")}, this client writes ${FORMAT}`,
      );
    }
    if (realm) this.#assertRealm(realm, info.realm);
    const pinned = await this.#pinned();
    if (pinned) this.#assertRealm(bytesToHex(pinned), info.realm);
    else await this.pin(info.realm);
    this.#checked = info.realm;
    return info;
  }

  /** @param realm in hex; only a person says that it is another one from now on */
  async pin(realm: string): Promise<void> {
    await this.#storage.set(KEY, hexToBytes(realm));
    this.#checked = undefined;
  }

  /**
   * Goes before every request that carries anything; asks once.
   *
   * @param realm for which the request is made; by default whichever is pinned
   * @throws what `info` does
   */
  async check(signal?: AbortSignal, realm?: Uint8Array): Promise<void> {
    const found = this.#checked ?? (await this.info(signal)).realm;
    if (realm) this.#assertRealm(bytesToHex(realm), found);
  }

  /** The realm, 16 bytes: the pinned one, without asking, where there is one. */
  async realm(signal?: AbortSignal): Promise<Uint8Array> {
    return (await this.#pinned()) ?? hexToBytes((await this.info(signal)).realm);
  }

  #assertRealm(expected: string, found: string): void {
    if (found !== expected) throw new AnotherRealmError(this.#url, expected, found);
  }

  async #pinned(): Promise<Uint8Array | undefined> {
    const kept = await this.#storage.get(KEY);
    return kept?.length === REALM_BYTES ? kept : undefined;
  }
}

function parseServerInfo(json: unknown): ServerInfo {
  const object = objectOf(json);
  const realm = hexOf(object, "realm", REALM_BYTES);
  // Zero bytes stand for no server at all.
  if (/^0+$/.test(realm)) throw new BadResponseError("The server has no realm", { retryable: false });
  return {
    name: textOf(object, "name"),
    version: textOf(object, "version"),
    formats: listOf(object.formats).map((format) => uintOf({ format }, "format")),
    realm,
    origins: listOf(object.origins).map((origin) => textOf({ origin }, "origin")),
    registration: textOf(object, "registration"),
    activation: textOf(object, "activation"),
    limits: objectOf(object.limits ?? {}),
  };
}
