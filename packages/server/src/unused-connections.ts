import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * Lets go, when the server closes, of connections on which nothing was ever asked: clients with a pool open them ahead, and
 * Node takes them for ones whose request is on its way, for which closing would wait a minute.
 */
export function closeUnusedConnections(app: FastifyInstance): void {
  const unused = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  app.server.on("request", ({ socket }: { socket: Socket }) => unused.delete(socket));
  app.addHook("preClose", async () => {
    for (const socket of unused) if (socket.bytesRead === 0) socket.destroy();
  });
}
