import { encodeIds } from "@cloudbackup/core/wire";
import type { InjectOptions } from "fastify";
import { eventually, PASSWORD, signIn, type TestServer, tokenOf } from "./server.ts";
import { bearer, challenge, chunksOf, sha256, type TestWallet } from "./wallet.ts";

/** Who and what a request is about. */
export interface Subject {
  server: TestServer;
  /** The user that the wallet is registered for, */
  owner: string;
  /** and the one that the sender is signed in as, or would be. */
  sender: string;
  wallet: TestWallet;
}

/** In a backup of the wallet, of which it is the first. */
export const FIRST_ENVELOPE = new Uint8Array(60).fill(1);

let count = 0;

const get = (path: string) => async (): Promise<InjectOptions> => ({ method: "GET", url: path });
const head = (path: string) => async (): Promise<InjectOptions> => ({ method: "HEAD", url: path });
const post = (url: string, payload: object): InjectOptions => ({ method: "POST", url, payload });
const ofWallet =
  (path: string) =>
  async ({ wallet }: Subject): Promise<InjectOptions> => ({ method: "GET", url: wallet.path + path });
const askChunks =
  (path: string) =>
  async ({ wallet }: Subject): Promise<InjectOptions> => ({
    method: "POST",
    url: `${wallet.path}/chunks/${path}`,
    headers: { "content-type": "application/cbor" },
    payload: Buffer.from(encodeIds(chunksOf([1, 2]).map(({ id }) => id))),
  });

async function register({ server }: Subject, username = `user-${++count}`): Promise<string> {
  const payload = { username, password: PASSWORD, email: `${username}@example.org` };
  const sent = server.mails.length;
  await server.app.inject(post("/v1/users", payload));
  return tokenOf(await eventually(() => server.mails[sent]));
}

/** By route, a request that lacks nothing but a session, and succeeds for who may send it. Once: it is new each time. */
export const REQUESTS: Record<string, (subject: Subject) => Promise<InjectOptions>> = {
  "GET /": get("/"),
  "HEAD /": head("/"),
  "GET /activate": get("/activate"),
  "HEAD /activate": head("/activate"),
  "GET /livez": get("/livez"),
  "HEAD /livez": head("/livez"),
  "GET /readyz": get("/readyz"),
  "HEAD /readyz": head("/readyz"),
  "OPTIONS /v1*": async ({ wallet }) => ({
    method: "OPTIONS",
    url: wallet.path,
    headers: { origin: "https://wallet.example", "access-control-request-method": "DELETE" },
  }),
  "GET /v1/server": get("/v1/server"),

  "POST /v1/users": async () =>
    post("/v1/users", { username: `user-${++count}`, password: PASSWORD, email: "new@example.org" }),
  "POST /v1/users/activation": async ({ owner }) =>
    post("/v1/users/activation", { username: owner, email: `${owner}@example.org` }),
  "POST /v1/users/activate": async (subject) => post("/v1/users/activate", { token: await register(subject) }),
  "GET /v1/user": get("/v1/user"),

  "POST /v1/sessions": async ({ owner }) => post("/v1/sessions", { username: owner, password: PASSWORD }),
  "GET /v1/sessions": get("/v1/sessions"),
  "DELETE /v1/sessions/current": async () => ({ method: "DELETE", url: "/v1/sessions/current" }),
  "DELETE /v1/sessions/:id": async ({ server, owner }) => {
    const headers = bearer(await signIn(server, owner));
    const sessions = await server.app.inject({ method: "GET", url: "/v1/sessions", headers });
    const { id } = sessions.json().find(({ current }: { current: boolean }) => current);
    return { method: "DELETE", url: `/v1/sessions/${id}` };
  },
  "POST /v1/challenges": async () => ({ method: "POST", url: "/v1/challenges" }),
  "POST /v1/sessions/wallet": async ({ server, wallet }) =>
    post("/v1/sessions/wallet", wallet.proof(await challenge(server.app), null)),

  "GET /v1/wallets": get("/v1/wallets"),
  "POST /v1/wallets": async ({ server, wallet, sender }) =>
    post("/v1/wallets", wallet.proof(await challenge(server.app), sender)),
  "GET /v1/wallets/:wallet": ofWallet(""),
  "DELETE /v1/wallets/:wallet": async ({ wallet }) => wallet.deleteRequest("", sha256(FIRST_ENVELOPE)),
  "GET /v1/wallets/:wallet/backups": ofWallet("/backups"),
  "POST /v1/wallets/:wallet/backups": async ({ wallet }) => {
    const second = { revision: 2, base: 1, after: sha256(FIRST_ENVELOPE), envelope: new Uint8Array(60).fill(2) };
    return wallet.commitRequest("", wallet.bundle(second, chunksOf([3])), 2);
  },
  "GET /v1/wallets/:wallet/backups/:revision": ofWallet("/backups/1"),
  "GET /v1/wallets/:wallet/chain": ofWallet("/chain?from=1"),
  "GET /v1/wallets/:wallet/events": ofWallet("/events"),
  "POST /v1/wallets/:wallet/chunks": async ({ wallet }) => wallet.chunksRequest("", chunksOf([4])),
  "POST /v1/wallets/:wallet/chunks/missing": askChunks("missing"),
  "POST /v1/wallets/:wallet/chunks/read": askChunks("read"),
};
