import { type ChunkItem, encodeChunkItem, encodeIds, walletIdOf } from "@cloudbackup/core/wire";
import { joinBytes } from "../../../packages/core/src/bytes.ts";
import { encodeCbor } from "../../../packages/core/src/cbor.ts";
import { cborValue } from "../../../packages/core/test/property/arbitraries.ts";
import { PASSWORD } from "../../../packages/server/test/support/server.ts";
import { bearer, chunksOf } from "../../../packages/server/test/support/wallet.ts";
import { BOUNDARIES } from "../mutate-bytes.ts";
import type { Source } from "../source.ts";
import { type InjectOptions, type ServerWorld, USERNAME } from "./server-world.ts";

const CHUNK_BYTES = 100;

type Build = (world: ServerWorld, source: Source) => InjectOptions;

const get =
  (path: (world: ServerWorld, source: Source) => string): Build =>
  (world, source) => ({
    method: "GET",
    url: path(world, source),
    headers: bearer(world.token),
  });

const post =
  (url: string, payload: (world: ServerWorld, source: Source) => object): Build =>
  (world, source) => ({
    method: "POST",
    url,
    headers: { ...bearer(world.token), "content-type": "application/json" },
    payload: payload(world, source),
  });

const email = "alice@example.org";

/** Each request of the protocol as it is right now, by the route that takes it. */
const BUILD: Readonly<Record<string, { route: string; build: Build }>> = {
  "home page": { route: "GET /", build: get(() => "/") },
  "activation page": { route: "GET /activate", build: get(() => "/activate") },
  alive: { route: "GET /livez", build: get(() => "/livez") },
  ready: { route: "GET /readyz", build: get(() => "/readyz") },
  "server info": { route: "GET /v1/server", build: get(() => "/v1/server") },
  register: {
    route: "POST /v1/users",
    build: post("/v1/users", (_, source) => ({ username: `u${source.below(1e6)}`, password: PASSWORD, email })),
  },
  "send activation": {
    route: "POST /v1/users/activation",
    build: post("/v1/users/activation", () => ({ username: USERNAME, email })),
  },
  activate: { route: "POST /v1/users/activate", build: post("/v1/users/activate", () => ({ token: "A".repeat(43) })) },
  user: { route: "GET /v1/user", build: get(() => "/v1/user") },
  "sign in": {
    route: "POST /v1/sessions",
    build: post("/v1/sessions", () => ({ username: USERNAME, password: PASSWORD })),
  },
  challenge: {
    route: "POST /v1/challenges",
    build: (world) => ({ method: "POST", url: "/v1/challenges", headers: bearer(world.token) }),
  },
  "sign in by seed": {
    route: "POST /v1/sessions/wallet",
    build: post("/v1/sessions/wallet", (world, source) => proof(world, source, null)),
  },
  sessions: { route: "GET /v1/sessions", build: get(() => "/v1/sessions") },
  "sign out": {
    route: "DELETE /v1/sessions/current",
    build: ({ walletToken }) => ({ method: "DELETE", url: "/v1/sessions/current", headers: bearer(walletToken) }),
  },
  "end session": {
    route: "DELETE /v1/sessions/:id",
    build: ({ token }, source) => ({
      method: "DELETE",
      url: `/v1/sessions/${hex(source.bytes(16))}`,
      headers: bearer(token),
    }),
  },
  "register wallet": {
    route: "POST /v1/wallets",
    build: post("/v1/wallets", (world, source) => proof(world, source, USERNAME)),
  },
  wallets: { route: "GET /v1/wallets", build: get(() => "/v1/wallets") },
  wallet: { route: "GET /v1/wallets/:wallet", build: get(({ wallet }) => wallet.path) },
  "delete wallet": {
    route: "DELETE /v1/wallets/:wallet",
    build: ({ wallet, token, sha256 }) => wallet.deleteRequest(token, sha256),
  },
  commit: { route: "POST /v1/wallets/:wallet/backups", build: commit },
  "put chunks": {
    route: "POST /v1/wallets/:wallet/chunks",
    build: ({ wallet, token }, source) => {
      const payload = Buffer.concat(someChunks(source).map(encodeChunkItem));
      return sequence(`${wallet.path}/chunks`, token, payload);
    },
  },
  "missing chunks": {
    route: "POST /v1/wallets/:wallet/chunks/missing",
    build: (world, source) => ids("missing", world, source),
  },
  "read chunks": {
    route: "POST /v1/wallets/:wallet/chunks/read",
    build: (world, source) => ids("read", world, source),
  },
  download: {
    route: "GET /v1/wallets/:wallet/backups/:revision",
    build: get(({ wallet, revision }, source) => {
      const which = source.pick(["latest", revision, revision + 1, source.pick(BOUNDARIES)]);
      return `${wallet.path}/backups/${which}${source.pick(["", "?chunks=none", "?chunks=all"])}`;
    }),
  },
  history: { route: "GET /v1/wallets/:wallet/backups", build: get(({ wallet }) => `${wallet.path}/backups`) },
  events: { route: "GET /v1/wallets/:wallet/events", build: get(({ wallet }) => `${wallet.path}/events`) },
  chain: {
    route: "GET /v1/wallets/:wallet/chain",
    build: get(({ wallet }, source) => `${wallet.path}/chain?from=${source.pick(BOUNDARIES)}`),
  },
};

/** Routes for which there is a request. */
export const FUZZED_ROUTES: readonly string[] = Object.values(BUILD).map(({ route }) => route);

/** Those behind which a password is hashed, and those that end things, come up once where others come up many times. */
const SELDOM = ["register", "sign in", "delete wallet", "home page", "activation page", "alive", "ready"];
const OFTEN = ["commit", "put chunks", "missing chunks", "read chunks", "download"];
export const REQUEST_NAMES: readonly string[] = Object.keys(BUILD).flatMap((name) =>
  Array<string>(SELDOM.includes(name) ? 1 : OFTEN.includes(name) ? 40 : 15).fill(name),
);

export function makeRequest(name: string, world: ServerWorld, source: Source): InjectOptions {
  const entry = BUILD[name];
  if (!entry) throw new RangeError(`there is no request ${name}`);
  return entry.build(world, source);
}

/** A commit on the current revision, whole or an update, some of it perhaps not so. */
function commit({ wallet, token, revision, sha256, ids }: ServerWorld, source: Source): InjectOptions {
  const items = someChunks(source);
  const isUpdate = revision > 0 && source.oneIn(2);
  const inUse = new Set(ids.map(hex));
  const add = items.map(({ id }) => id).filter((id) => !isUpdate || !inUse.has(hex(id)));
  const head: Record<string, unknown> = {
    format: 1,
    realm: wallet.realm,
    wallet: wallet.id,
    // The greatest revision has none after it.
    revision: Math.min(revision + 1, Number.MAX_SAFE_INTEGER),
    after: sha256,
    base: isUpdate ? revision : 0,
    envelope: source.bytes(100),
    add,
    drop: isUpdate ? ids.filter((id) => source.oneIn(3) && !add.some((added) => hex(added) === hex(id))) : [],
  };
  if (source.oneIn(3)) {
    const key = source.pick(Object.keys(head));
    head[key] = source.pick([
      () => source.pick([revision + 2, revision, 1, 2 ** 53 - 1, ...BOUNDARIES]),
      () => source.draw(cborValue),
      () => (Array.isArray(head[key]) ? [...ids, source.bytes(32)].sort(Buffer.compare) : head[key]),
    ])();
  }
  const sent = items.filter(({ id }) => add.includes(id) && !source.oneIn(8));
  return sequence(
    `${wallet.path}/backups`,
    token,
    Buffer.from(joinBytes([encodeCbor(head), ...sent.map(encodeChunkItem)])),
  );
}

/** That the sender holds a wallet's seed; now and then by what is no key, of a wallet whose id is right. */
function proof({ wallet, challenge }: ServerWorld, source: Source, username: string | null): object {
  const good = wallet.proof(challenge, username);
  if (!source.oneIn(4)) return good;
  const publicKey = source.pick([new Uint8Array(32), new Uint8Array(32).fill(255), source.bytes(32)]);
  const signature = Buffer.from(source.pick([new Uint8Array(64), source.bytes(64)])).toString("base64url");
  return { ...good, publicKey: hex(publicKey), wallet: hex(walletIdOf(publicKey)), signature };
}

/** From few, so that one is met again: known, in use, or new. */
function someChunks(source: Source): ChunkItem[] {
  const numbers = new Set(Array.from({ length: source.below(4) }, () => source.below(30)));
  return chunksOf([...numbers], source.oneIn(20) ? source.pick([1, 57, 58, 67_632, 67_633]) : CHUNK_BYTES);
}

function ids(which: string, { wallet, token, ids: inUse }: ServerWorld, source: Source): InjectOptions {
  const payload = Buffer.from(encodeIds([...inUse, ...someChunks(source).map(({ id }) => id), source.bytes(32)]));
  return {
    method: "POST",
    url: `${wallet.path}/chunks/${which}`,
    headers: { ...bearer(token), "content-type": "application/cbor" },
    payload,
  };
}

function sequence(url: string, token: string, payload: Buffer): InjectOptions {
  return { method: "POST", url, headers: { ...bearer(token), "content-type": "application/cbor-seq" }, payload };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
