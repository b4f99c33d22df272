import type { FastifyInstance } from "fastify";
import { createServer, type OutgoingMail, type ServerConfig } from "../../src/index.ts";

export interface TestServer {
  app: FastifyInstance;
  /** What was sent, oldest first. */
  mails: OutgoingMail[];
  /** Log lines. */
  logs: string[];
  /** Moves the server's clock. */
  advance(ms: number): void;
  now(): number;
  realm: Uint8Array;
  close(): Promise<void>;
}

/** A server in memory, with a clock of its own. */
export async function startServer(config: Partial<ServerConfig> = {}): Promise<TestServer> {
  const mails: OutgoingMail[] = [];
  const logs: string[] = [];
  let now = Date.parse("2026-01-02T03:04:05.678Z");
  const app = await createServer({
    dataDir: "unused",
    database: ":memory:",
    clock: () => now,
    mail: { deliver: (message) => void mails.push(message) },
    logTo: { write: (line) => void logs.push(line) },
    ...config,
  });
  const info = await app.inject({ method: "GET", url: "/v1/server" });
  return {
    app,
    mails,
    logs,
    advance(ms) {
      now += ms;
    },
    now: () => now,
    realm: Buffer.from(info.json().realm, "hex"),
    close: () => app.close(),
  };
}

/** The token of an activation link. */
export function tokenOf(mail: OutgoingMail | undefined): string {
  const token = mail && new URLSearchParams(new URL(mail.link).hash.slice(1)).get("token");
  if (!token) throw new Error("there is no mail with a token");
  return token;
}

/** Waits for what the server does without being waited for. */
export async function eventually<T>(look: () => T | undefined): Promise<T> {
  for (let turn = 0; turn < 10_000; turn++) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("it did not happen");
}

export const PASSWORD = "correct horse battery";

/** A user that is registered, activated and signed in. */
export async function signUp(server: TestServer, username = "alice"): Promise<{ username: string; token: string }> {
  const { app, mails } = server;
  const sent = mails.length;
  const user = { username, password: PASSWORD, email: `${username}@example.org` };
  const registered = await app.inject({ method: "POST", url: "/v1/users", payload: user });
  if (registered.statusCode !== 202) throw new Error(`registration: ${registered.body}`);
  const mail = await eventually(() => mails[sent]);
  await app.inject({ method: "POST", url: "/v1/users/activate", payload: { token: tokenOf(mail) } });
  return { username, token: await signIn(server, username) };
}

export async function signIn({ app }: TestServer, username: string, password = PASSWORD): Promise<string> {
  const answer = await app.inject({ method: "POST", url: "/v1/sessions", payload: { username, password } });
  if (answer.statusCode !== 201) throw new Error(`sign-in: ${answer.body}`);
  return answer.json().token;
}
