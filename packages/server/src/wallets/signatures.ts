import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { type SignatureTag, signedMessage } from "@cloudbackup/core/wire";
import type { FastifyRequest } from "fastify";
import { hexOf, parseBase64url } from "../bytes.ts";
import { ProblemError } from "../errors.ts";
import { acceptedOrigins, foreignOrigins, type OriginRule, parseOriginRule, type RequestAddress } from "./origins.ts";

/** A key object is a few hundred bytes and takes longer to make than a look-up. */
const MAX_CACHED_KEYS = 4096;
/** One check takes about 0.1 ms of a thread; this bounds what one request can ask for. */
const MAX_CHECKS = 24;
const SIGNATURE_BYTES = 64;

interface SignedRequest {
  tag: SignatureTag;
  walletId: Uint8Array;
  publicKey: Uint8Array;
  fields: Uint8Array;
  /** base64url as received; undefined where it is missing. */
  signature: string | undefined;
  address: RequestAddress;
}

export type SignatureChecker = (request: SignedRequest) => Promise<void>;

/** The signature of a request that carries it in a header. */
export function signatureHeader(request: FastifyRequest): string | undefined {
  return single(request.headers["cloudbackup-signature"]);
}

/** What the request says of the address it was sent to. */
export function addressOf(request: FastifyRequest): RequestAddress {
  return {
    host: request.headers.host,
    forwardedHost: single(request.headers["x-forwarded-host"]),
    forwardedProto: single(request.headers["x-forwarded-proto"]),
    listeningPort: request.socket.localPort,
  };
}

/**
 * Checks signatures by wallets of one realm under the accepted origins.
 *
 * @param options.announceWrite as in the store's contract: what is signed is written next
 */
export function createSignatureChecker(options: {
  realm: Uint8Array;
  origins: readonly string[];
  announceWrite?: () => () => void;
}): SignatureChecker {
  const { realm, announceWrite = () => () => {} } = options;
  const rules: OriginRule[] = options.origins.map((origin) => parseOriginRule(origin, "origins"));
  const keyOf = createKeyCache();

  const check: SignatureChecker = async ({ tag, walletId, publicKey, fields, signature, address }) => {
    if (signature === undefined) {
      throw new ProblemError("bad-signature", "The request needs the header CloudBackup-Signature");
    }
    const bytes = parseBase64url(signature, SIGNATURE_BYTES);
    if (!bytes) throw new ProblemError("bad-signature", "The signature is not 64 bytes in base64url");
    const key = keyOf(publicKey);
    if (!key) throw new ProblemError("bad-signature", "The public key is no Ed25519 key");

    const isFor = (origin: string): Promise<boolean> =>
      verified(signedMessage({ tag, origin, realm, walletId, fields }), key, bytes);
    const accepted = acceptedOrigins(rules, address).slice(0, MAX_CHECKS);
    for (const origin of accepted) if (await isFor(origin)) return;

    for (const origin of foreignOrigins(rules, address).slice(0, MAX_CHECKS - accepted.length)) {
      if (!(await isFor(origin))) continue;
      const names = rules.map((rule) => rule.text).join(", ");
      throw new ProblemError("wrong-origin", `The signature is for ${origin}; this server accepts ${names}`);
    }
    throw new ProblemError("bad-signature");
  };

  /** @throws ProblemError `bad-signature`, `wrong-origin` */
  return async (request) => {
    const isThere = announceWrite();
    try {
      await check(request);
    } finally {
      // The caller goes on in the same turn of the event loop.
      isThere();
    }
  };
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** In the thread pool, so that the event loop goes on. */
function verified(message: Uint8Array, key: KeyObject, signature: Uint8Array): Promise<boolean> {
  return new Promise((resolve, reject) => {
    verify(null, message, key, signature, (error, ok) => (error ? reject(error) : resolve(ok)));
  });
}

/** Key objects by their bytes; the one that was used longest ago makes room. */
function createKeyCache(): (publicKey: Uint8Array) => KeyObject | null {
  const keys = new Map<string, KeyObject>();
  return (publicKey) => {
    const name = hexOf(publicKey);
    const key = keys.get(name) ?? importKey(publicKey);
    if (!key) return null;
    keys.delete(name);
    keys.set(name, key);
    const [oldest] = keys.keys();
    if (keys.size > MAX_CACHED_KEYS && oldest !== undefined) keys.delete(oldest);
    return key;
  };
}

/** An Ed25519 public key from its 32 bytes (RFC 8037 §2). */
function importKey(publicKey: Uint8Array): KeyObject | null {
  const x = Buffer.from(publicKey).toString("base64url");
  try {
    return createPublicKey({ format: "jwk", key: { kty: "OKP", crv: "Ed25519", x } });
  } catch {
    // OpenSSL refuses what is no key; the wallet's id is a hash of it, so that nobody owns such a wallet.
    return null;
  }
}
