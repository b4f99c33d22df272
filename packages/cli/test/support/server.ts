import { createServer } from "@cloudbackup/server";
import { afterAll, expect } from "vitest";
import { temporaryFolder } from "./program.ts";

type FastifyInstance = Awaited<ReturnType<typeof createServer>>;

/** A server of its own, and what a test does to it. */
export interface TestServer {
  readonly url: string;
  /** Links of the e-mails that it sent. */
  readonly links: string[];
  /** Lets requests that match wait until they are let go; the next one that comes is announced. */
  hold(method: string, path: RegExp): { arrived: Promise<void>; release(): void };
  close(): Promise<void>;
}

const running: FastifyInstance[] = [];

afterAll(async () => {
  for (const app of running) await app.close();
});

export async function startServer({
  port = 0,
  ...options
}: {
  activation?: "mail" | "none";
  port?: number;
} = {}): Promise<TestServer> {
  const links: string[] = [];
  const app = await createServer({
    dataDir: await temporaryFolder(),
    logLevel: "silent",
    registration: "open",
    mail: { deliver: ({ link }) => void links.push(link) },
    ...options,
  });
  running.push(app);
  const holds = new Set<{ matches(method: string, url: string): boolean; arrive(): void; released: Promise<void> }>();
  app.addHook("onRequest", async (request) => {
    for (const held of holds) {
      if (!held.matches(request.method, request.url)) continue;
      held.arrive();
      await held.released;
    }
  });
  const url = await app.listen({ port, host: "127.0.0.1" });
  return {
    url,
    links,
    hold(method, path) {
      const [arrived, arrive] = promise();
      const [released, letGo] = promise();
      const held = { matches: (m: string, u: string) => m === method && path.test(u), arrive, released };
      holds.add(held);
      return {
        arrived,
        release() {
          holds.delete(held);
          letGo();
        },
      };
    },
    close: async () => {
      for (const held of holds) holds.delete(held);
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/** The n-th link, from 1. */
export async function mailedLink(server: TestServer, n = 1): Promise<string> {
  await expect.poll(() => server.links.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(n);
  return server.links[n - 1] as string;
}

function promise(): [Promise<void>, () => void] {
  let settle: () => void = () => undefined;
  const made = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return [made, settle];
}
