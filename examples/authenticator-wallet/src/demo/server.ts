import { join } from "node:path";
import { createServer } from "@cloudbackup/server";

/** The real server, in this process, on a free port of the loopback interface. */
export interface DemoServer {
  /** Changes with every start. */
  readonly url: string;
  /** Without an SMTP server every message becomes a file somewhere in here. */
  readonly mailFolder: string;
  readonly databaseFile: string;
  start(): Promise<void>;
  /** Nothing happens where it is stopped already. */
  stop(): Promise<void>;
}

/** @param dataDir where it keeps everything; whoever starts again with the same one finds it all */
export async function startServer(dataDir: string): Promise<DemoServer> {
  const databaseFile = join(dataDir, "cloudbackup.sqlite");
  let app: Awaited<ReturnType<typeof createServer>> | undefined;
  let url = "";
  const server: DemoServer = {
    get url() {
      return url;
    },
    mailFolder: dataDir,
    databaseFile,
    async start() {
      app = await createServer({ dataDir, database: databaseFile, logLevel: "silent" });
      url = await app.listen({ host: "127.0.0.1", port: 0 });
    },
    async stop() {
      await app?.close();
      app = undefined;
    },
  };
  await server.start();
  return server;
}
