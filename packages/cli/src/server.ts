import { type Client, createClient } from "@cloudbackup/client";
import { type Command, Option } from "commander";
import type { Context } from "./context.ts";
import { UsageError } from "./errors.ts";
import { openState, type State, type StateOptions } from "./state.ts";
import { APP } from "./version.ts";

/** The options of a command that speaks to a server. */
export interface ServerOptions extends StateOptions {
  server?: string;
  allowInsecure?: boolean;
  acceptRealm?: string;
}

/** A server that may be called, and what this machine knows of it. */
export interface Server {
  readonly client: Client;
  readonly url: string;
  readonly state: State;
}

export function withServerOptions(command: Command): Command {
  return command
    .option("--server <url>", "where the server is; by default $CLOUDBACKUP_URL, or that of the last run")
    .option("--allow-insecure", "allows http: for more than this machine and .onion: passwords travel in the clear")
    .addOption(new Option("--accept-realm <realm>", "goes on with a server that is another one than before"))
    .option("--state <folder>", "where this machine keeps, sealed, what it has seen")
    .option("--no-state", "keeps nothing on this machine");
}

/** The server that was named, remembered, or is asked for. Nothing is sent yet, unless a realm is to be accepted. */
export async function openServer(context: Context, options: ServerOptions, argument?: string): Promise<Server> {
  const { io, prompter } = context;
  const state = await openState(io, options);
  const given = argument ?? options.server ?? (io.env.CLOUDBACKUP_URL || undefined);
  if (argument !== undefined && options.server !== undefined) throw new UsageError("Give the server once");
  const remembered = given === undefined ? await state.server() : undefined;
  const create = (url: string) => createClientAt(url, options, state);
  let url = given ?? remembered;
  if (url === undefined) {
    url = await prompter.askText({
      message: "Server (https://…):",
      instead: "Give it by --server.",
      validate: (typed) => {
        try {
          create(typed);
          return undefined;
        } catch (error) {
          return (error as Error).message;
        }
      },
    });
  }
  const opened = { ...create(url), state };
  if (options.acceptRealm !== undefined) await acceptRealm(opened.client, options.acceptRealm, io.stop);
  if (remembered !== undefined) context.output.note(`Server: ${opened.url}`);
  return opened;
}

function createClientAt(typed: string, options: ServerOptions, { storage }: State): Pick<Server, "client" | "url"> {
  const text = typed.trim();
  const url = /^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^/]*:\d+(\/|$)/.test(text) ? text : `https://${text}`;
  try {
    const client = createClient({ url, storage, app: APP, allowInsecure: options.allowInsecure ?? false });
    return { client, url: new URL(url).href };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(urlProblem(error.message));
  }
}

/** What the client says to programmers, for people. */
function urlProblem(message: string): string {
  return message
    .replace(/^url must/, "The server's URL must")
    .replace("allowInsecure: true allows http: everywhere", "--allow-insecure allows http: everywhere");
}

async function acceptRealm(client: Client, realm: string, signal: AbortSignal): Promise<void> {
  try {
    await client.acceptRealm(realm, { signal });
  } catch (error) {
    if (error instanceof TypeError)
      throw new UsageError("--accept-realm needs 32 hex characters, as the error said them");
    throw error;
  }
}
