import { Agent, METHODS, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Headers, SENDERS, Stage } from "../support/stage.ts";

/** Two that no route of any kind here will have, beside the usual ones; QUERY has a body by its definition. */
const ASKED = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY"].filter(
  (method) => METHODS.includes(method),
);
/** What a body may be. That it is none, or of a type that a route does not take, is not what is wrong with a method. */
const BODIES: Record<string, Headers> = {
  "no body": {},
  "a body of JSON": { "content-type": "application/json" },
  "a body of chunks": { "content-type": "application/cbor-seq" },
  "a body of some other type": { "content-type": "text/plain" },
  "a body of a type that is none": { "content-type": "?" },
};

let stage: Stage;
let agent: Agent;
let port: number;
/** Addresses by the patterns of their routes. */
let paths: Map<string, string>;
let sessions: [string, Headers][];

beforeAll(async () => {
  stage = await Stage.set();
  await stage.server.app.listen({ host: "127.0.0.1", port: 0 });
  port = (stage.server.app.server.address() as AddressInfo).port;
  agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const wallet = await stage.backedUpWallet();
  const patterns = new Set(
    stage.routes.map((route) => route.split(" ")[1] ?? "").filter((path) => !path.includes("*")),
  );
  const fill = (pattern: string) =>
    pattern.replace(":wallet", wallet.hex).replace(":revision", "1").replace(":id", "some-session");
  paths = new Map([...patterns].map((pattern) => [pattern, fill(pattern)]));
  sessions = await Promise.all(
    SENDERS.map(async (sender): Promise<[string, Headers]> => [sender, await stage.sessionOf(sender, wallet)]),
  );
});
afterAll(async () => {
  agent.destroy();
  await stage.close();
});

/** Over a socket: the server's parser knows methods that a test's short cut does not. */
async function ask(method: string, path: string, headers: Headers) {
  const body = "content-type" in headers ? "[1]" : "";
  // Said, since Node's client sends some methods' bodies without a word about where they end.
  const length = body === "" ? {} : { "content-length": Buffer.byteLength(body) };
  const sent = request({ host: "127.0.0.1", port, agent, method, path, headers: { ...headers, ...length } });
  const response = new Promise<{
    status: number | undefined;
    headers: object;
    allow: string | undefined;
    body: string;
  }>((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", async (answer) => {
      const { date, ...rest } = answer.headers;
      const said = (await text(answer)).replace(/(?<="requestId":")[0-9a-f]{16}/, "");
      resolve({ status: answer.statusCode, headers: rest, allow: answer.headers.allow, body: said });
    });
  });
  sent.end(body);
  return response;
}

/** Those that an address answers with anything but 405, by asking. */
async function methodsAt(path: string): Promise<string[]> {
  const answers = await Promise.all(ASKED.map(async (method) => ({ method, ...(await ask(method, path, {})) })));
  return answers.filter(({ status }) => status !== 405).map(({ method }) => method);
}

test("an address answers the methods of its routes and no others", async () => {
  for (const [pattern, path] of paths) {
    const own = stage.routes.filter((route) => route.endsWith(` ${pattern}`)).map((route) => route.split(" ")[0]);
    const preflight = path.startsWith("/v1") ? ["OPTIONS"] : [];
    // The one address that two patterns fit.
    const more = path.startsWith("/v1/sessions/") ? ["DELETE"] : [];
    const expected = [...new Set([...own, ...preflight, ...more])];
    expect((await methodsAt(path)).sort(), path).toEqual(expected.sort());
  }
});

test("another method is 405 and told the right ones, whatever the session and the body", async () => {
  for (const path of paths.values()) {
    const allowed = await methodsAt(path);
    for (const method of ASKED.filter((each) => !allowed.includes(each))) {
      const first = await ask(method, path, {});
      expect(first.status, `${method} ${path}`).toBe(405);
      expect(first.allow?.split(", ").sort(), `${method} ${path}`).toEqual(allowed.sort());
      if (method !== "HEAD") expect(JSON.parse(first.body)).toMatchObject({ code: "method-not-allowed" });
      const others = [...sessions, ...Object.entries(BODIES)].map(async ([name, headers]) => {
        expect(await ask(method, path, headers), `${method} ${path} with ${name}`).toEqual(first);
      });
      await Promise.all(others);
    }
  }
});

test("what is nowhere is 404 by every method, whatever the session and the body", async () => {
  for (const path of ["/nowhere", "/v1/nowhere", "/v1/wallets/x/nowhere"]) {
    for (const method of ASKED.filter((each) => each !== "OPTIONS" || !path.startsWith("/v1"))) {
      for (const headers of [...sessions.map(([, session]) => session), ...Object.values(BODIES)]) {
        const { status, body } = await ask(method, path, headers);
        expect(status, `${method} ${path} ${Object.keys(headers)}`).toBe(404);
        if (method !== "HEAD") expect(JSON.parse(body)).toMatchObject({ code: "no-route" });
      }
    }
  }
});
