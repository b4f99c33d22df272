import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface HttpServer {
  url: string;
  /** Method, path and headers of what was asked, in order. */
  requests: { method: string; path: string; headers: IncomingMessage["headers"] }[];
  stop(): Promise<void>;
}

/** A server on a free port of loopback, until the test ends. */
export async function serve(answer: (request: IncomingMessage, reply: ServerResponse) => void): Promise<HttpServer> {
  const requests: HttpServer["requests"] = [];
  const server = createServer((request, reply) => {
    requests.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers });
    request.resume();
    answer(request, reply);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  onTestFinished(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, stop };
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
