import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import type { InjectOptions } from "fastify";
import type { ServerConfig } from "../../src/index.ts";
import { FIRST_ENVELOPE, REQUESTS } from "./requests.ts";
import { recordRoutes } from "./routes.ts";
import { signIn, signUp, startServer, type TestServer } from "./server.ts";
import { bearer, challenge, chunksOf, registerWallet, TestWallet } from "./wallet.ts";

/**
 * Who may send a request. `owner` is signed in by password and has the wallet, or the session, that the request is about;
 * `seed` is signed in by that wallet's seed, `2nd seed` by that of another wallet of the same user. A stranger is another
 * user, signed in in both ways.
 */
export const SENDERS = ["nobody", "stranger", "stranger's seed", "owner", "seed", "2nd seed"] as const;
export type Sender = (typeof SENDERS)[number];

/** Longer than any session. */
const MONTH_MS = 31 * 24 * 60 * 60 * 1000;

export type Headers = Record<string, string>;
export type Answer = Awaited<ReturnType<Stage["send"]>>;

/** Of a body without an end, what comes first. */
async function bodyOf(stream: Readable, isEndless: boolean): Promise<string> {
  let body = "";
  for await (const part of stream) {
    body += part;
    if (isEndless) break;
  }
  return body;
}

/** A server with two users, their wallets and sessions, and all that one may mistake for a session. */
export class Stage {
  readonly server: TestServer;
  /** `GET /v1/wallets/:wallet`, as the application has them. */
  readonly routes: readonly string[];
  /** Headers that open nothing, by what they are. */
  readonly worthless: Record<string, Headers> = {};
  readonly #tokens = new Map<string, string>();
  readonly #second: TestWallet;
  readonly #strangers: TestWallet;

  private constructor(server: TestServer, routes: readonly string[]) {
    this.server = server;
    this.routes = routes;
    this.#second = new TestWallet(server.realm);
    this.#strangers = new TestWallet(server.realm);
  }

  static async set(config: Partial<ServerConfig> = {}): Promise<Stage> {
    const { created: server, routes } = await recordRoutes(() => startServer(config));
    const stage = new Stage(server, routes);
    for (const username of ["owner", "stranger"]) stage.#tokens.set(username, (await signUp(server, username)).token);
    await stage.#register(stage.#second, "owner");
    await stage.#register(stage.#strangers, "stranger");
    await stage.#collectWorthless();
    return stage;
  }

  /** A new wallet of the owner's, with a backup. */
  async backedUpWallet(): Promise<TestWallet> {
    const wallet = new TestWallet(this.server.realm);
    await this.#register(wallet, "owner");
    const first = wallet.bundle({ envelope: FIRST_ENVELOPE }, chunksOf([1, 2]));
    const answer = await this.server.app.inject(wallet.commitRequest(this.#token("owner"), first, 1));
    if (answer.statusCode !== 201) throw new Error(`backup: ${answer.body}`);
    return wallet;
  }

  /** The headers of a sender's session. @param fresh where it will be ended */
  async sessionOf(sender: Sender, wallet: TestWallet, { fresh = false } = {}): Promise<Headers> {
    switch (sender) {
      case "nobody":
        return {};
      case "stranger":
      case "owner":
        return bearer(fresh ? await signIn(this.server, sender) : this.#token(sender));
      case "stranger's seed":
        return bearer(await this.#signInBySeed(this.#strangers));
      case "seed":
        return bearer(await this.#signInBySeed(wallet));
      case "2nd seed":
        return bearer(await this.#signInBySeed(this.#second));
    }
  }

  /** A request of a route about the owner's wallet, which succeeds for who may send it. */
  requestOf(route: string, wallet: TestWallet, sender: Sender): Promise<InjectOptions> {
    const create = REQUESTS[route];
    if (!create) throw new Error(`there is no request for ${route}`);
    const username = sender.startsWith("stranger") ? "stranger" : "owner";
    return create({ server: this.server, owner: "owner", sender: username, wallet });
  }

  async send(session: Headers, request: InjectOptions) {
    const { authorization, ...headers } = request.headers ?? {};
    const sent = { ...request, headers: { ...headers, ...session } };
    const answer = await this.server.app.inject({ ...sent, payloadAsStream: true });
    const { statusCode, headers: answered } = answer;
    const body = await bodyOf(answer.stream(), answered["content-type"] === "text/event-stream");
    return { statusCode, headers: answered, body, json: () => JSON.parse(body) };
  }

  close(): Promise<void> {
    return this.server.close();
  }

  async #collectWorthless(): Promise<void> {
    const { app } = this.server;
    const expired = { password: this.#token("owner"), seed: await this.#signInBySeed(this.#second) };
    this.server.advance(MONTH_MS);
    for (const username of ["owner", "stranger"]) this.#tokens.set(username, await signIn(this.server, username));
    const deleted = new TestWallet(this.server.realm);
    await this.#register(deleted, "owner");
    const ofDeleted = await this.#signInBySeed(deleted);
    await app.inject(deleted.deleteRequest(ofDeleted, null));
    const ended = await signIn(this.server, "owner");
    await app.inject({ method: "DELETE", url: "/v1/sessions/current", headers: bearer(ended) });
    const good = this.#token("owner");
    const basic = Buffer.from(`owner:${good}`).toString("base64");
    const cookie = ["__Host-session", "session", "token", "authorization"].map((name) => `${name}=${good}`).join("; ");
    Object.assign(this.worthless, {
      "a token that nobody was given": bearer(randomBytes(32).toString("base64url")),
      "no token": { authorization: "Bearer" },
      "a session by password that has expired": bearer(expired.password),
      "a session by seed that has expired": bearer(expired.seed),
      "a session that was ended": bearer(ended),
      "a session by the seed of a wallet that was deleted": bearer(ofDeleted),
      "a good session in cookies": { cookie },
      "a good session as the password of Basic": { authorization: `Basic ${basic}` },
    } satisfies Record<string, Headers>);
  }

  async #register(wallet: TestWallet, username: string): Promise<void> {
    const answer = await registerWallet(this.server.app, { username, token: this.#token(username) }, wallet);
    if (answer.statusCode !== 201) throw new Error(`registration: ${answer.body}`);
  }

  async #signInBySeed(wallet: TestWallet): Promise<string> {
    const payload = wallet.proof(await challenge(this.server.app), null);
    const answer = await this.server.app.inject({ method: "POST", url: "/v1/sessions/wallet", payload });
    if (answer.statusCode !== 201) throw new Error(`sign-in: ${answer.body}`);
    return answer.json().token;
  }

  #token(username: string): string {
    return this.#tokens.get(username) ?? "";
  }
}
