import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { Fetch } from "../../src/options.ts";

export interface HttpServer {
  url: string;
  /** Method, path and headers of what was asked, in order. */
  requests: { method: string; path: string; headers: IncomingMessage["headers"] }[];
  stop(): Promise<void>;
}

type StopAfter = (stop: () => Promise<void>) => void;

/** A server on a free port of loopback, until the test ends. */
export async function serve(answer: Answer, stopAfter: StopAfter = onTestFinished): Promise<HttpServer> {
  const requests: HttpServer["requests"] = [];
  const server = createServer((request, reply) => {
    requests.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers });
    // Listened to in this turn or not at all.
    answer(request, reply);
    request.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  stopAfter(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, stop };
}

/** What a double of `fetch` answers, over HTTP, until the test ends. */
export function serveFetch(fetch: Fetch, stopAfter: StopAfter = onTestFinished): Promise<HttpServer> {
  return serve(relayTo(fetch), stopAfter);
}

export type Answer = (request: IncomingMessage, reply: ServerResponse) => void;

export function relayTo(fetch: Fetch): Answer {
  return async (request, reply) => {
    const { method = "GET", url, headers: sent } = request;
    const body = await buffer(request);
    const headers = Object.entries(sent).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []));
    const init = { method, headers: headers as [string, string][], ...(body.length > 0 ? { body } : {}) };
    const answer = await fetch(`http://${sent.host}${url}`, init);
    reply.writeHead(answer.status, Object.fromEntries(answer.headers));
    reply.end(Buffer.from(await answer.arrayBuffer()));
  };
}

export function json(reply: ServerResponse, body: unknown, status = 200, type = "application/json"): void {
  reply.writeHead(status, { "content-type": type }).end(JSON.stringify(body));
}

export function problem(
  reply: ServerResponse,
  status: number,
  code: string,
  more: { members?: object; headers?: Record<string, string> } = {},
): void {
  const body = JSON.stringify({ type: "about:blank", title: "No", status, code, requestId: "r1", ...more.members });
  reply.writeHead(status, { "content-type": "application/problem+json", ...more.headers }).end(body);
}

export const SERVER_INFO = {
  name: "Test",
  version: "1.0.0",
  formats: [1],
  realm: "00112233445566778899aabbccddeeff",
  origins: [],
  registration: "open",
  activation: "none",
  limits: {},
};
