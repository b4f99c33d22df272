import type { Command } from "commander";
import { safeText } from "../safe-text.ts";
import { openServer, type ServerOptions, withServerOptions } from "../server.ts";
import { askPassword, askUsername, needed, type UserOptions, withUserOptions } from "../user.ts";
import { command, type Run } from "./command.ts";

type RegisterOptions = ServerOptions & UserOptions & { email?: string; invite?: string };

/** What a new user does next, by how the server activates. */
const NEXT: Readonly<Record<string, string>> = {
  mail: "A link was mailed to that address. Open it, or run: cloudbackup activate",
  admin: "Whoever runs the server must let this user in; then run: cloudbackup login",
  none: "This server needs no activation. Next, run: cloudbackup login",
};

export function registerCommand(run: Run): Command {
  const register = command("register [url]", {
    summary: "makes a user at a server",
    examples: ["cloudbackup register https://backup.example"],
  });
  withUserOptions(register)
    .option("--email <address>", "where the link goes; no other user learns it")
    .option("--invite <code>", "where the server asks for one");
  run(withServerOptions(register), async (context, options: RegisterOptions, url) => {
    const { io, prompter, output } = context;
    const { client, state, ...server } = await openServer(context, options, url);
    const { registration, activation, name } = await client.serverInfo({ signal: io.stop });
    output.note(`Registering at ${safeText(name)}, ${server.url}`);
    const username = await askUsername(context, options);
    const email =
      options.email ??
      (await prompter.askText({ message: "E-mail:", instead: "Give it by --email.", validate: needed })).trim();
    const password = await askPassword(context, options, { twice: true });
    const invite =
      options.invite ??
      (registration === "invite"
        ? (await prompter.askText({ message: "Invite:", instead: "Give it by --invite.", validate: needed })).trim()
        : undefined);
    await client.register({ username, password, email, invite }, { signal: io.stop });
    await state.rememberServer(server.url);
    const next = NEXT[activation];
    output.result({ username, server: server.url, activation }, [
      `The user ${safeText(username)} is registered.`,
      ...(next ? [next] : []),
    ]);
  });
  return register;
}
