// What a program around the server, and a wallet on Node, do with the types.
import { createClient } from "@cloudbackup/client";
import { directoryStorage } from "@cloudbackup/client/node";
import { createServer, PROBLEMS, type ServerConfig, StartError } from "@cloudbackup/server";

const config: ServerConfig = {
  dataDir: "data",
  mail: { deliver: ({ to, link }) => console.log(to satisfies string, link) },
};

export async function start(): Promise<string> {
  try {
    const server = await createServer(config);
    const url = await server.listen({ host: "127.0.0.1", port: 0 });
    const { statusCode } = await server.inject("/livez");
    console.log(statusCode satisfies number, Object.keys(PROBLEMS));
    return url;
  } catch (error) {
    if (error instanceof StartError) console.error(error.code);
    throw error;
  }
}

export const client = (url: string) => createClient({ url, storage: directoryStorage("wallet") });

// Types that had become `any` would accept this.
// @ts-expect-error a server needs a folder
createServer({});
