import { spawn } from "node:child_process";
import { inspect } from "node:util";
import { mnemonicToSeed } from "@cloudbackup/core/seed";
import { describe, expect, it } from "vitest";
import { createClient } from "../../src/account.ts";
import { BadCredentialsError, NoWalletError, type RefusedError, UsernameTakenError } from "../../src/errors.ts";
import { memoryStorage } from "../../src/storage.ts";
import { errorOf, wordsOf } from "../support/errors.ts";
import { FakeClock, settle } from "../support/fake-clock.ts";
import { json, problem, SERVER_INFO, serve } from "../support/http.ts";
import { dump, noNetwork, PASSWORD, type RealServer, renamed, startServer } from "../support/wallets.ts";

const user = { username: "alice", password: PASSWORD, email: "alice@example.org" };
const login = { username: "alice", password: PASSWORD };

describe("a user", () => {
  it("registers, signs in and out", async () => {
    const server = await startServer();
    const storage = memoryStorage();
    const client = server.client({ storage });
    await client.register(user);
    await expect(server.client().register(user)).rejects.toThrow(UsernameTakenError);
    await expect(client.signIn({ ...login, password: "wrong" })).rejects.toThrow(BadCredentialsError);
    await client.signIn(login);
    expect(await client.wallets()).toEqual([]);
    expect(await server.client({ storage }).wallets()).toEqual([]);
    await client.signOut();
    await client.signOut();
    await expect(client.wallets()).rejects.toThrow(/Sign in first/);
    await expect(server.client({ storage }).wallets()).rejects.toThrow(/Sign in first/);
  });

  it("is signed out here although the server cannot be told", async () => {
    const server = await startServer();
    const client = await server.signedIn();
    server.intercept = noNetwork;
    expect(await errorOf(client.signOut())).toMatchObject({ code: "ERR_CB_UNREACHABLE" });
    server.intercept = undefined;
    await expect(client.wallets()).rejects.toThrow(/Sign in first/);
  });

  it("without a wallet is not found by a seed", async () => {
    const server = await startServer();
    await expect(server.client().signInWithSeed(new Uint8Array(32))).rejects.toThrow(NoWalletError);
  });

  it("mistypes nothing unseen", async () => {
    const client = createClient({ url: "http://localhost:1" });
    await expect(client.register({ ...user, mail: "x" } as never)).rejects.toThrow(TypeError);
    await expect(client.signIn({ user: "alice" } as never)).rejects.toThrow(TypeError);
    await expect(client.activate({ code: "x" } as never)).rejects.toThrow(TypeError);
    await expect(client.activate({} as never)).rejects.toThrow(new TypeError("token must be text"));
    await expect(client.resendActivation()).rejects.toThrow(TypeError);
    await expect(client.waitForActivation()).rejects.toThrow(TypeError);
    await expect(client.wallets({ timeoutMs: 5 } as never)).rejects.toThrow(/wallets has no option "timeoutMs"/);
    await expect(client.openWallet(new Uint8Array(32), { sginal: 1 } as never)).rejects.toThrow(TypeError);
  });

  it("is activated by the whole link, or by its token", async () => {
    const tokens: unknown[] = [];
    const server = await serve(async (request, reply) => {
      if (request.url === "/v1/server") return json(reply, SERVER_INFO);
      let body = "";
      for await (const chunk of request) body += chunk;
      tokens.push(JSON.parse(body).token);
      reply.writeHead(204).end();
    });
    const client = createClient({ url: server.url });
    await client.activate({ token: "t0k-en_" });
    await client.activate({ token: "https://backup.example/activate#token=t0k-en_" });
    expect(tokens).toEqual(["t0k-en_", "t0k-en_"]);
  });

  it("is told which of its fields the server does not take", async () => {
    const server = await startServer();
    const error = await errorOf(server.client().register({ username: "A", password: "x", email: "a@example.org" }));
    expect(error).toMatchObject({ code: "ERR_CB_REFUSED", problem: "invalid-request" });
    expect((error as RefusedError).errors.map(({ pointer }) => pointer)).toEqual(["/username", "/password"]);
  });
});

describe("waiting for the activation", () => {
  /** A server whose user is not activated until the test says so. */
  async function registered() {
    const state = { active: false, broken: false };
    const server = await serve((request, reply) => {
      if (state.broken) return request.socket.destroy() && undefined;
      if (request.url === "/v1/server") return json(reply, SERVER_INFO);
      if (request.url !== "/v1/sessions") return void reply.writeHead(202).end();
      if (!state.active) return problem(reply, 403, "not-activated");
      json(reply, { token: "t0ken", expiresAt: "2030-01-01T00:00:00Z" }, 201);
    });
    const clock = new FakeClock();
    const client = createClient({ url: server.url, clock });
    await client.register(user);
    const tries = () => server.requests.filter(({ path }) => path === "/v1/sessions").length;
    const tried = async (count: number) => {
      while (tries() < count || !clock.waiting.includes("foreground")) await settle();
    };
    return { client, clock, state, tries, tried };
  }

  it("asks until the link was followed, and then is signed in", async () => {
    const { client, clock, state, tries, tried } = await registered();
    const waiting = client.waitForActivation();
    await tried(1);
    await clock.advance(2_999);
    expect(tries()).toBe(1);
    await clock.advance(1);
    await tried(2);
    state.broken = true;
    await clock.advance(3_000);
    await tried(3);
    state.broken = false;
    state.active = true;
    await clock.advance(3_000);
    await waiting;
    await expect(client.waitForActivation()).rejects.toThrow(TypeError);
  });

  it("ends with its signal, at once", async () => {
    const { client, clock, tried } = await registered();
    const controller = new AbortController();
    const waiting = errorOf(client.waitForActivation({ signal: controller.signal }));
    await tried(1);
    controller.abort("enough");
    expect(await waiting).toBe("enough");
    expect(clock.waiting).toEqual([]);
  });
});

it("keeps secrets out of every error, and out of what is printed of it", async () => {
  const words = "legal winner thank year wave sausage worth useful legal winner thank yellow";
  const seed = await mnemonicToSeed(words);
  const server = await startServer();
  let token = "";
  let failure: ((path: string) => Response | Promise<Response> | undefined) | undefined;
  server.intercept = async ({ path, forward }) => {
    const failed = failure?.(path);
    if (failed) return failed;
    const response = await forward();
    if (path.startsWith("/v1/sessions") && response.status === 201) token = (await response.clone().json()).token;
    return response;
  };
  const client = server.client();
  await client.register(user);
  await client.signIn(login);
  const wallet = await client.openWallet(seed);
  await wallet.backup(dump);

  const page = () => new Response(`<html>${token} ${PASSWORD}`, { headers: { "content-type": "text/html" } });
  const broken = () => new Response(`{"token":"${token}`, { headers: { "content-type": "application/json" } });
  const cutHeader = () => Response.json({ token: `${token}\nx`, expiresAt: "x", username: "alice" }, { status: 201 });
  const answers = [noNetwork, page, broken, cutHeader, () => new Response(null, { status: 500 })];
  const calls = [
    () => client.register({ ...user, username: "bob" }),
    () => client.signIn(login),
    () => client.signInWithSeed(seed),
    () => client.activate({ token: PASSWORD }),
    () => wallet.backup(renamed("Secret name")),
    () => wallet.restore(),
    () => wallet.history(),
    () => client.wallets(),
    () => wallet.delete(),
  ];
  const errors: unknown[] = [];
  for (const answer of answers) {
    failure = (path) => (path === "/v1/server" ? undefined : answer());
    for (const call of calls) errors.push(await call().catch((error: unknown) => error));
  }
  failure = undefined;
  errors.push(
    await errorOf(client.signIn({ ...login, password: `${PASSWORD}!` })),
    await errorOf(client.register({ ...user, username: "Not A Name", password: PASSWORD })),
    await errorOf(client.openWallet({ xprv: words })),
  );
  const exported = [seed, seed.slice(0, 32)].map((bytes) => Buffer.from(bytes).toString("hex"));
  const printed = [
    ...errors.map((error) => `${wordsOf(error)}\n${inspect(error, { depth: 9 })}`),
    inspect(client, { depth: 9 }),
    inspect(wallet, { depth: 9 }),
    JSON.stringify([client, wallet]),
  ];
  expect(errors.filter((error) => error instanceof Error).length).toBeGreaterThan(35);
  expect(token.length).toBeGreaterThan(20);
  for (const secret of [PASSWORD, token, "sausage", "legal winner", "Secret name", ...exported]) {
    expect(printed.filter((text) => text.includes(secret))).toEqual([]);
  }
});

describe("keeps no process alive that has nothing more to do:", () => {
  const SEED_OF_PROGRAM = "new Uint8Array(32).fill(4)";

  /** What a program of its own does, from where its automatic backup has stored a first state. */
  async function run(server: RealServer, rest: string) {
    await (await (await server.signedIn()).openWallet(new Uint8Array(32).fill(4))).backup({
      accounts: [],
      pairings: [],
    });
    const program = `
      import { createClient } from "@cloudbackup/client";
      let isBroken = false;
      const failing = (url, init) => isBroken ? Promise.reject(new TypeError("no network")) : fetch(url, init);
      const client = createClient({ url: ${JSON.stringify(server.url)}, fetch: failing, retry: { attempts: 1 } });
      await client.signInWithSeed(${SEED_OF_PROGRAM});
      const wallet = await client.openWallet(${SEED_OF_PROGRAM});
      await (await wallet.restore()).accept();
      const auto = wallet.autoBackup({ read: () => ({ accounts: [], pairings: [] }) });
      await auto.durable();
      ${rest}
    `;
    const child = spawn(process.execPath, ["--import", loader, "--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => {
        output += data;
      });
    }
    const status = await new Promise((resolve) => child.on("close", resolve));
    return { status, output };
  }

  it("an automatic backup with a change that waits", async () => {
    const rest = `auto.changed(); console.log(auto.status.state);`;
    expect(await run(await startServer(), rest)).toEqual({ status: 0, output: "dirty\n" });
  });

  it("one whose server fails, with a reader of its states and somebody who waits", async () => {
    const rest = `
      isBroken = true;
      const read = async () => {
        for await (const { state, retryAt } of auto) console.log(state, retryAt !== undefined);
      };
      void read();
      void auto.durable();
    `;
    expect(await run(await startServer(), rest)).toEqual({
      status: 0,
      output: "idle false\nsaving false\nfailed true\n",
    });
  });
});

/** Resolves the packages' names to their sources, which Node runs as they are. */
const loader = new URL("../../../../scripts/sources.mjs", import.meta.url).href;
