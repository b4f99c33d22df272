import { mkdtemp, rm } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import type { FastifyInstance } from "fastify";
import { MAX_ORIGINS, type ServerConfig } from "./config.ts";
import { configFromEnv, ENVIRONMENT, type Env, parsePort } from "./env.ts";
import { StartError } from "./errors.ts";
import { createServer, listeningUrl } from "./server.ts";
import { VERSION } from "./version.ts";
import { LOOPBACK_ORIGINS } from "./wallets/origins.ts";

/** What the program has of the process that it runs in. */
export interface ProgramHost {
  /** Without the interpreter and the script. */
  args: readonly string[];
  env: Env;
  print(line: string): void;
  complain(line: string): void;
  /** Aborted when the server shall stop. */
  stop: AbortSignal;
}

interface ListenOptions {
  host: string;
  port: number;
}

/** A client that reads a download slowly does not keep a stopping server for longer. */
const STOP_WITHIN_MS = 10_000;

/** Runs until `host.stop`. The exit code. */
export async function runProgram(host: ProgramHost): Promise<number> {
  try {
    await createCommands(host).parseAsync(host.args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof StartError)) throw error;
    host.complain(error.message);
    return 1;
  }
}

function createCommands(host: ProgramHost): Command {
  const settings = Object.entries(ENVIRONMENT).map(([name, words]) => `  ${name.padEnd(26)} ${words}`);
  const write = (line: (text: string) => void) => (text: string) => line(text.replace(/\n$/, ""));
  const program = new Command("cloudbackup-server")
    .description("Stores wallets' encrypted backups. It is set up by the environment variables below.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({ writeOut: write(host.print), writeErr: write(host.complain) });
  withListenOptions(program)
    .addHelpText("after", `\nEnvironment:\n${settings.join("\n")}\n`)
    .action((options) => serve(host, options));
  withListenOptions(program.command("dev"))
    .description(
      "for trying out: an empty server, open to registration, whose data is gone when it ends; links to activate users are printed",
    )
    .action((_options, command: Command) => serveDev(host, command.optsWithGlobals()));
  return program;
}

function withListenOptions(command: Command): Command {
  return command
    .option("--host <address>", "address to listen on, instead of CLOUDBACKUP_HOST")
    .option("--port <number>", "port to listen on, instead of CLOUDBACKUP_PORT; 0 for a free one");
}

type CommandOptions = { host?: string; port?: string };

async function serve(host: ProgramHost, options: CommandOptions): Promise<void> {
  const config = configFromEnv(host.env);
  for (const warning of config.warnings) host.complain(warning);
  const server = await createServer(config.server);
  await runServer(host, server, listenOptions(config, options), (url) => {
    host.print(`CloudBackup server listening at ${url}`);
    announce(server, config.server);
  });
}

/** Says what a self-hoster should know before others find out. */
function announce(server: FastifyInstance, { registration, activation, mail, dataDir }: ServerConfig): void {
  if (registration !== "closed") {
    server.log.info("registration is open to whoever reaches this server; CLOUDBACKUP_REGISTRATION=closed ends that");
  }
  if (activation !== "none" && !mail?.smtpUrl) {
    server.log.info({ folder: join(dataDir, "mail") }, "no SMTP server is set up: activation mail is written to files");
  }
}

async function serveDev(host: ProgramHost, options: CommandOptions): Promise<void> {
  const { server: fromEnv, ...listen } = configFromEnv({ ...host.env, CLOUDBACKUP_DATA_DIR: undefined });
  const dataDir = await mkdtemp(join(tmpdir(), "cloudbackup-dev-"));
  try {
    const server = await createServer({
      name: "CloudBackup (dev)",
      logLevel: "warn",
      ...fromEnv,
      dataDir,
      registration: "open",
      origins: fromEnv.origins ?? [...LOOPBACK_ORIGINS, ...ownOrigins()].slice(0, MAX_ORIGINS),
      mail: { deliver: ({ to, link }) => host.print(`Mail to ${to}: ${link}`) },
    });
    await runServer(host, server, listenOptions(listen, options), (url) => {
      host.print(`CloudBackup dev server listening at ${url}, data until it ends in ${dataDir}`);
    });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function listenOptions(config: ListenOptions, options: CommandOptions): ListenOptions {
  return {
    host: options.host ?? config.host,
    port: options.port === undefined ? config.port : parsePort(options.port, "--port"),
  };
}

/** Listens until `host.stop`, then finishes what is under way. */
async function runServer(
  host: ProgramHost,
  server: FastifyInstance,
  listen: ListenOptions,
  onListening: (url: string) => void,
): Promise<void> {
  try {
    await startListening(server, listen);
    onListening(listeningUrl(server));
    await aborted(host.stop);
  } finally {
    const giveUp = setTimeout(() => server.server.closeAllConnections(), STOP_WITHIN_MS);
    await server.close();
    clearTimeout(giveUp);
  }
}

async function startListening(server: FastifyInstance, { host, port }: ListenOptions): Promise<void> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      EADDRINUSE: "another program uses that port",
      EACCES: "this user may not use that port",
      EADDRNOTAVAIL: "this machine does not have that address",
      ENOTFOUND: "there is no such address",
    };
    const reason = reasons[code ?? ""];
    if (!reason) throw error;
    throw new StartError("ERR_CB_LISTEN", `Cannot listen on ${host} port ${port}: ${reason}`, { cause: error });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** By which phones on the same network may call this machine, where it listens to them. */
function ownOrigins(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  // A link-local address has a zone, which has no place in an origin.
  const reachable = addresses.filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  return reachable.map(({ family, address }) => `http://${family === "IPv6" ? `[${address}]` : address}:*`);
}
