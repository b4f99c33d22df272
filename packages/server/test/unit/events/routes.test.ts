import { once } from "node:events";
import { type ClientRequest, get, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { signIn, signUp, startServer, type TestServer } from "../../support/server.ts";
import { bearer, registerWallet, sha256, TestWallet } from "../../support/wallet.ts";

const envelope = (n: number) => new Uint8Array(80).fill(n);
const hashOf = (n: number) => sha256(envelope(n)).toString("hex");

let server: TestServer;
let url: string;
let user: { username: string; token: string };
let wallet: TestWallet;
const open = new Set<ClientRequest>();
beforeEach(async () => {
  server = await startServer();
  url = await server.app.listen({ host: "127.0.0.1", port: 0 });
  user = await signUp(server);
  wallet = await newWallet();
});
afterEach(async () => {
  for (const request of open) request.destroy();
  open.clear();
  await server.close();
});

async function newWallet(): Promise<TestWallet> {
  const created = new TestWallet(server.realm);
  await registerWallet(server.app, user, created);
  return created;
}

async function commit(revision: number, to = wallet): Promise<void> {
  const after = revision === 1 ? null : sha256(envelope(revision - 1));
  const bundle = to.bundle({ revision, after, base: revision - 1, envelope: envelope(revision) });
  const answer = await server.app.inject(to.commitRequest(user.token, bundle, revision));
  expect(answer.statusCode).toBe(201);
}

/** With a connection of its own, which ends with it. */
async function watch(token = user.token) {
  const request = get(`${url}${wallet.path}/events`, { headers: bearer(token), agent: false });
  open.add(request);
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  const parts = answer.setEncoding("utf8")[Symbol.asyncIterator]();
  let text = "";
  const readOn = async (): Promise<boolean> => {
    const { done, value } = await parts.next();
    if (!done) text += value;
    return !done;
  };
  return {
    status: answer.statusCode,
    headers: answer.headers,
    close: () => request.destroy(),
    /** Reads until the text ends so. */
    async until(end: string): Promise<string> {
      while (!text.endsWith(end)) if (!(await readOn())) throw new Error(`it ended with ${JSON.stringify(text)}`);
      const read = text;
      text = "";
      return read;
    },
    /** Reads to the end. */
    async rest(): Promise<string> {
      while (await readOn());
      return text;
    },
  };
}

const eventOf = (n: number) =>
  `id: ${n}\nevent: revision\ndata: ${JSON.stringify({ revision: n, sha256: hashOf(n) })}\n\n`;

test("each new revision of the wallet comes at once, after where it stands", async () => {
  await commit(1);
  const bySeed = await server.app.inject({
    method: "POST",
    url: "/v1/sessions/wallet",
    payload: wallet.proof((await server.app.inject({ method: "POST", url: "/v1/challenges" })).json().challenge, null),
  });
  const watchers = [await watch(), await watch(bySeed.json().token)];
  for (const watcher of watchers) expect(await watcher.until("}\n\n")).toBe(`:\n\n${eventOf(1)}`);
  await commit(2);
  await commit(1, await newWallet());
  await commit(3);
  for (const watcher of watchers) expect(await watcher.until(eventOf(3))).toBe(eventOf(2) + eventOf(3));
});

test("a wallet without a backup has nothing to tell, until it has one", async () => {
  const watcher = await watch();
  expect(await watcher.until("\n\n")).toBe(":\n\n");
  await commit(1);
  expect(await watcher.until("}\n\n")).toBe(eventOf(1));
});

test("nothing on the way may keep it, or keep it back", async () => {
  const { status, headers } = await watch();
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
    "access-control-allow-origin": "*",
  });
});

test("it ends with the session, and with no other", async () => {
  const other = await signIn(server, user.username);
  const [mine, others] = [await watch(), await watch(other)];
  await mine.until("\n\n");
  await server.app.inject({ method: "DELETE", url: "/v1/sessions/current", headers: bearer(other) });
  expect(await others.rest()).toBe(":\n\n");
  await commit(1);
  expect(await mine.until("}\n\n")).toBe(eventOf(1));
});

test("it ends with the wallet", async () => {
  await commit(1);
  const watcher = await watch();
  await watcher.until("}\n\n");
  const deleted = await server.app.inject(wallet.deleteRequest(user.token, sha256(envelope(1))));
  expect(deleted.statusCode).toBe(204);
  expect(await watcher.rest()).toBe("");
});

test("the server stops without waiting for its readers, who see the end", async () => {
  const watcher = await watch();
  await watcher.until("\n\n");
  await server.close();
  expect(await watcher.rest()).toBe("");
});

test("who opens too many is asked to wait, and has room again when one is closed", async () => {
  const all = [];
  for (let i = 0; i < 8; i++) all.push(await watch());
  const ninth = await watch();
  expect([ninth.status, ninth.headers["retry-after"]]).toEqual([429, "60"]);
  expect(JSON.parse(await ninth.rest())).toMatchObject({ code: "too-many-streams" });
  all[3]?.close();
  // The server hears of it by and by.
  while ((await watch()).status !== 200) await new Promise((resolve) => setImmediate(resolve));
});
