import { once } from "node:events";
import { connect } from "node:net";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { createServer } from "../../src/index.ts";

test("closing does not wait for a connection whose answer ended after closing began", async () => {
  const server = await createServer({ dataDir: "unused", database: ":memory:", logLevel: "silent" });
  const stream = new PassThrough();
  server.get("/stream", (_request, reply) => reply.header("content-length", 5).send(stream));
  const url = new URL(await server.listen({ host: "127.0.0.1", port: 0 }));
  // A reader that keeps its end open, as clients with a pool of connections do.
  const socket = connect(Number(url.port), url.hostname);
  socket.write("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  stream.write("hello");
  let received = "";
  await new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      received += chunk;
      if (received.endsWith("hello")) resolve();
    });
  });
  const closed = server.close();
  setImmediate(() => stream.end());
  await closed;
  expect(received).toMatch(/connection: keep-alive/i);
  socket.destroy();
});

test("closing does not wait for a connection on which nothing was ever asked", async () => {
  const server = await createServer({ dataDir: "unused", database: ":memory:", logLevel: "silent" });
  const url = new URL(await server.listen({ host: "127.0.0.1", port: 0 }));
  const connected = once(server.server, "connection");
  const socket = connect(Number(url.port), url.hostname);
  const ended = once(socket, "close");
  await connected;
  await server.close();
  await ended;
});
