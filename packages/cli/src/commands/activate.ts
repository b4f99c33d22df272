import type { Command } from "commander";
import { readDescriptor } from "../read-descriptor.ts";
import { openServer, type ServerOptions, withServerOptions } from "../server.ts";
import { firstLine, needed } from "../user.ts";
import { command, type Run } from "./command.ts";

export function activateCommand(run: Run): Command {
  const activate = command("activate [url]", {
    summary: "activates a user by the link of the e-mail",
    more: "Asks for the link, or the token at its end, which is not shown: it is good once, and for a day.",
    examples: ["cloudbackup activate", "cloudbackup activate https://backup.example --token-fd 3 3< link.txt"],
  }).option("--token-fd <n>", "reads the link or the token from file descriptor n, its first line");
  run(withServerOptions(activate), async (context, options: ServerOptions & { tokenFd?: string }, url) => {
    const { io, prompter, output } = context;
    const server = await openServer(context, options, url);
    const token =
      options.tokenFd === undefined
        ? await prompter.askSecret({ message: "Link or token:", instead: "Give it by --token-fd.", validate: needed })
        : firstLine(await readDescriptor(io, options.tokenFd, "--token-fd"));
    await server.client.activate({ token: token.trim() }, { signal: io.stop });
    await server.state.rememberServer(server.url);
    output.result({ activated: true, server: server.url }, ["Activated. Next, run: cloudbackup login"]);
  });
  return activate;
}
