import { access, constants, mkdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { assembleApp, createBareApp } from "./app.ts";
import { type ResolvedConfig, resolveConfig, type ServerConfig } from "./config.ts";
import type { Context } from "./context.ts";
import { StartError } from "./errors.ts";
import { tellingStore } from "./events/changes.ts";
import { EventStreams } from "./events/streams.ts";
import { createMailer, type InBackground } from "./mail/mailer.ts";
import { openSqliteStore } from "./store/sqlite.ts";
import type { Store } from "./store/store.ts";
import { createPasswords } from "./users/passwords.ts";
import { createSignatureChecker } from "./wallets/signatures.ts";

/**
 * A server on its database, ready for `listen` or `inject`. `close()` finishes what is under way and closes the database.
 *
 * @param config `dataDir`, and where the defaults do not fit, the rest; is not changed
 * @throws TypeError, RangeError for what is unknown or wrong in `config`; StartError where the data cannot be used
 * @example
 * ```ts
 * import { createServer } from "@cloudbackup/server";
 *
 * const server = await createServer({ dataDir: "./data", database: ":memory:", logLevel: "silent" });
 * const answer = await server.inject("/v1/server");
 * console.log(answer.statusCode, answer.json().formats); // → 200 [ 1 ]
 * await server.close();
 * ```
 * @see https://fastify.dev/docs/latest/Reference/Server/
 */
export async function createServer(config: ServerConfig): Promise<FastifyInstance> {
  const resolved = resolveConfig(config);
  const streams = new EventStreams();
  const store = tellingStore(await openStore(resolved), streams.tell);
  try {
    const app = createBareApp(resolved);
    const background = createBackground(app);
    app.addHook("onClose", async () => {
      await background.finished();
      await store.close();
    });
    const context: Context = {
      config: resolved,
      store,
      log: app.log,
      mailer: createMailer(resolved, app.log, background.run),
      inBackground: background.run,
      streams,
      passwords: await createPasswords(resolved.randomBytes),
      checkSignature: createSignatureChecker({
        realm: store.identity.realm,
        origins: resolved.origins,
        announceWrite: store.announceWrite,
      }),
      baseUrl: () => resolved.origins.find((origin) => !origin.endsWith(":*")) ?? listeningUrl(app),
    };
    await assembleApp(app, context);
    return app;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openStore({ dataDir, database, randomBytes }: ResolvedConfig): Promise<Store> {
  if (database !== ":memory:") {
    try {
      // Nobody else on the machine needs to see it.
      await mkdir(dataDir, { recursive: true, mode: 0o700 });
      await access(dataDir, constants.W_OK);
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new StartError("ERR_CB_DATA_DIR", `The data folder ${dataDir} cannot be used: ${reason}`, { cause: error });
    }
  }
  return openSqliteStore(database, { randomBytes });
}

/** Work that no reply waits for, but closing does. */
function createBackground(app: FastifyInstance): { run: InBackground; finished(): Promise<void> } {
  const running = new Set<Promise<void>>();
  return {
    run(failure, work) {
      // Not in the turn of the request, whose answer must take as long whether or not there is work.
      const task = setImmediate()
        .then(work)
        .catch((error: unknown) => app.log.error({ err: error }, failure));
      running.add(task);
      void task.finally(() => running.delete(task));
    },
    async finished() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** By which a person on this machine reaches the server. */
export function listeningUrl(app: FastifyInstance): string {
  const address = app.server.address() as AddressInfo | null;
  if (!address) return "http://localhost";
  const isAny = address.address === "0.0.0.0" || address.address === "::";
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${isAny ? "localhost" : host}:${address.port}`;
}
