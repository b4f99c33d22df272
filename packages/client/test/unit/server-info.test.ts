import { describe, expect, it } from "vitest";
import { createClient } from "../../src/account.ts";
import { AnotherRealmError, BadResponseError, NotSignedInError, UnsupportedVersionError } from "../../src/errors.ts";
import { memoryStorage } from "../../src/storage.ts";
import { errorOf } from "../support/errors.ts";
import { json, SERVER_INFO, serve } from "../support/http.ts";

const seed = new Uint8Array(32).fill(1);
const user = { username: "alice", password: "correct horse battery", email: "a@b.example" };
const once = { attempts: 1 };

it("is what the server says of itself, anew at every call", async () => {
  let version = 0;
  const server = await serve((_, reply) => json(reply, { ...SERVER_INFO, version: `${++version}` }));
  const client = createClient({ url: server.url });
  expect(await client.serverInfo()).toEqual({ ...SERVER_INFO, version: "1" });
  expect(await client.serverInfo()).toMatchObject({ version: "2" });
});

it.each<[string, object]>([
  ["no realm", { realm: undefined }],
  ["the realm of no server", { realm: "0".repeat(32) }],
  ["a short realm", { realm: "00ff" }],
  ["an upper-case realm", { realm: SERVER_INFO.realm.toUpperCase() }],
  ["no formats", { formats: 1 }],
  ["a format in quotes", { formats: ["1"] }],
  ["a format that becomes no number", { formats: [1, { valueOf: 1, toString: 1 }] }],
  ["an origin that becomes no text", { origins: [{ toString: 1 }] }],
])("refuses a server with %s", async (_, wrong) => {
  const server = await serve((_, reply) => json(reply, { ...SERVER_INFO, ...wrong }));
  const storage = memoryStorage();
  await expect(createClient({ url: server.url, retry: once, storage }).serverInfo()).rejects.toThrow(BadResponseError);
  expect(await storage.keys("")).toEqual([]);
});

it("refuses a server that does not store this format, and sends it nothing", async () => {
  const server = await serve((_, reply) => json(reply, { ...SERVER_INFO, formats: [2, 3] }));
  const client = createClient({ url: server.url, storage: memoryStorage() });
  await expect(client.register(user)).rejects.toThrow(UnsupportedVersionError);
  await expect(client.openWallet(seed)).rejects.toThrow(UnsupportedVersionError);
  expect(new Set(server.requests.map(({ path }) => path))).toEqual(new Set(["/v1/server"]));
});

describe("a realm", () => {
  it("is pinned, and known to the next process without asking", async () => {
    const server = await serve((_, reply) => json(reply, SERVER_INFO));
    const storage = memoryStorage();
    const first = await createClient({ url: server.url, storage }).openWallet(seed);
    await server.stop();
    const second = await createClient({ url: server.url, storage }).openWallet(seed);
    expect(second.id).toBe(first.id);
  });

  it("that is another one than before gets nothing", async () => {
    let info = SERVER_INFO;
    const server = await serve((request, reply) => {
      if (request.url === "/v1/server") return json(reply, info);
      if (request.url === "/v1/sessions")
        return json(reply, { token: "t0ken", expiresAt: "2030-01-01T00:00:00Z" }, 201);
      reply.writeHead(204).end();
    });
    const storage = memoryStorage();
    await createClient({ url: server.url, storage }).signIn({ username: user.username, password: user.password });
    info = { ...SERVER_INFO, realm: "ff".repeat(16) };
    server.requests.length = 0;

    const calls: ((client: ReturnType<typeof createClient>) => Promise<unknown>)[] = [
      (client) => client.serverInfo(),
      (client) => client.register(user),
      (client) => client.activate({ token: "secret" }),
      (client) => client.resendActivation(user),
      (client) => client.signIn({ username: user.username, password: user.password }),
      (client) => client.signInWithSeed(seed),
      (client) => client.wallets(),
      (client) => client.sessions(),
      async (client) => (await client.openWallet(seed)).backup({ accounts: [], pairings: [] }),
      async (client) => (await client.openWallet(seed)).restore(),
      async (client) => (await client.openWallet(seed)).history(),
      async (client) => (await client.openWallet(seed)).delete(),
      (client) => client.signOut(),
    ];
    for (const call of calls) {
      await expect(call(createClient({ url: server.url, storage, retry: once }))).rejects.toThrow(AnotherRealmError);
    }
    expect(new Set(server.requests.map(({ path }) => path))).toEqual(new Set(["/v1/server"]));
    for (const { headers } of server.requests) expect(headers.authorization).toBeUndefined();
  });

  describe("that is another one, where a person goes on with it", () => {
    const other = "ff".repeat(16);

    /** A server at which alice is signed in, and that becomes another one. */
    async function becomesAnother(storage = memoryStorage()) {
      let info = SERVER_INFO;
      const server = await serve((request, reply) => {
        if (request.url === "/v1/server") return json(reply, info);
        if (request.url === "/v1/sessions") {
          return json(reply, { token: `t0ken-${info.realm}`, expiresAt: "2030-01-01T00:00:00Z" }, 201);
        }
        json(reply, []);
      });
      const open = () => createClient({ url: server.url, storage, retry: once });
      await open().signIn({ username: user.username, password: user.password });
      const become = (realm: string) => {
        info = { ...SERVER_INFO, realm };
        server.requests.length = 0;
      };
      become(other);
      return { server, storage, open, become };
    }

    it("says which it was and which it is", async () => {
      const { open } = await becomesAnother();
      expect(await errorOf(open().serverInfo())).toMatchObject({ expected: SERVER_INFO.realm, found: other });
    });

    it("is pinned, also for the next process", async () => {
      const { open } = await becomesAnother();
      expect(await open().acceptRealm(other)).toMatchObject({ realm: other });
      expect(await open().serverInfo()).toMatchObject({ realm: other });
    });

    it("only where it is the one that the person was shown", async () => {
      const { open, become } = await becomesAnother();
      become("ee".repeat(16));
      const client = open();
      expect(await errorOf(client.acceptRealm(other))).toMatchObject({ expected: other, found: "ee".repeat(16) });
      await expect(client.serverInfo()).rejects.toThrow(AnotherRealmError);
      become(SERVER_INFO.realm);
      expect(await client.serverInfo()).toMatchObject({ realm: SERVER_INFO.realm });
    });

    it("gets neither the session of the one before, nor what its wallets ask", async () => {
      const confidential = { ...memoryStorage(), confidential: true };
      const { open, server, storage } = await becomesAnother(confidential);
      const client = open();
      const opened = await client.openWallet(seed);
      await client.acceptRealm(other);
      await expect(client.wallets()).rejects.toThrow(NotSignedInError);
      await expect(open().wallets()).rejects.toThrow(NotSignedInError);
      await client.signIn({ username: user.username, password: user.password });
      server.requests.length = 0;

      const calls = [
        () => opened.backup({ accounts: [], pairings: [] }),
        () => opened.restore(),
        () => opened.history(),
        () => opened.delete(),
      ];
      for (const call of calls) {
        expect(await errorOf(call())).toMatchObject({ expected: SERVER_INFO.realm, found: other });
      }
      expect(server.requests).toEqual([]);
      await client.wallets();
      expect(server.requests[0]?.headers.authorization).toBe(`Bearer t0ken-${other}`);
      expect((await client.openWallet(seed)).id).not.toBe(opened.id);
      expect(await storage.keys("cloudbackup/servers/")).toHaveLength(2);
    });

    it("keeps the session where it is the same one after all", async () => {
      const { open, become, server } = await becomesAnother();
      become(SERVER_INFO.realm);
      const client = open();
      await client.signIn({ username: user.username, password: user.password });
      await client.acceptRealm(SERVER_INFO.realm);
      await client.wallets();
      expect(server.requests.at(-1)?.path).toBe("/v1/wallets");
    });

    it("names it in hex, or is mistaken", async () => {
      const { open } = await becomesAnother();
      for (const realm of [
        "",
        "ff",
        other.toUpperCase(),
        `${other}00`,
        new Uint8Array(16) as never,
        undefined as never,
      ]) {
        await expect(open().acceptRealm(realm)).rejects.toThrow(TypeError);
      }
      await expect(open().acceptRealm(other, { force: true } as object)).rejects.toThrow(TypeError);
    });
  });

  it("belongs to its URL", async () => {
    const server = await serve((request, reply) =>
      json(reply, request.url === "/b/v1/server" ? { ...SERVER_INFO, realm: "ff".repeat(16) } : SERVER_INFO),
    );
    const storage = memoryStorage();
    const [a, b] = ["a", "b"].map((path) => createClient({ url: `${server.url}/${path}`, storage }));
    const wallets = [await a?.openWallet(seed), await b?.openWallet(seed)];
    expect(wallets[0]?.id).not.toBe(wallets[1]?.id);
  });

  it("is asked for again where what was kept is no realm", async () => {
    const server = await serve((_, reply) => json(reply, SERVER_INFO));
    const storage = memoryStorage();
    const id = (await createClient({ url: server.url, storage }).openWallet(seed)).id;
    const [pin] = await storage.keys("cloudbackup/servers/");
    await storage.set(pin as string, new Uint8Array(3));
    expect((await createClient({ url: server.url, storage }).openWallet(seed)).id).toBe(id);
  });
});

it("is asked for by each caller: who gives up does not make others give up", async () => {
  const waiting: (() => void)[] = [];
  const server = await serve((_, reply) => void waiting.push(() => json(reply, SERVER_INFO)));
  const client = createClient({ url: server.url });
  const controller = new AbortController();
  const first = client.openWallet(seed, { signal: controller.signal }).catch((error: unknown) => error);
  const second = client.openWallet(seed);
  while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve));
  controller.abort("enough");
  for (const answer of waiting) answer();
  expect(await first).toBe("enough");
  expect((await second).id).toHaveLength(64);
});
