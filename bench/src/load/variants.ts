// Servers that are like the real one but for one thing, to show what that thing costs. Run by name, on the data folder of
// the environment: see server-process.ts.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type FastifyInstance, fastify } from "fastify";
// Below the public interface, which has no switch for any of this.
import { assembleApp, createBareApp } from "../../../packages/server/src/app.ts";
import { resolveConfig } from "../../../packages/server/src/config.ts";
import { EventStreams } from "../../../packages/server/src/events/streams.ts";
import { createMailer } from "../../../packages/server/src/mail/mailer.ts";
import { openSqliteStore } from "../../../packages/server/src/store/sqlite.ts";
import { createPasswords } from "../../../packages/server/src/users/passwords.ts";
import { createSignatureChecker } from "../../../packages/server/src/wallets/signatures.ts";
import { ORIGIN } from "./wallet.ts";

const VARIANTS: Record<string, (dataDir: string) => Promise<FastifyInstance>> = {
  unsigned: (dataDir) => server(dataDir, { isSigned: false }),
  "one-each": (dataDir) => server(dataDir, { maxJobsPerTransaction: 1 }),
  bare: bareRoute,
};

async function server(
  dataDir: string,
  change: { isSigned?: boolean; maxJobsPerTransaction?: number },
): Promise<FastifyInstance> {
  const { isSigned = true, ...queue } = change;
  const config = resolveConfig({ dataDir, origins: [ORIGIN] });
  const store = await openSqliteStore(join(dataDir, "cloudbackup.sqlite"), { randomBytes, ...queue });
  const { announceWrite } = store;
  const app = createBareApp(config);
  app.addHook("onClose", () => store.close());
  const inBackground = () => {};
  await assembleApp(app, {
    config,
    store,
    log: app.log,
    inBackground,
    streams: new EventStreams(),
    mailer: createMailer(config, app.log, inBackground),
    passwords: await createPasswords(randomBytes),
    checkSignature: isSigned
      ? createSignatureChecker({ realm: store.identity.realm, origins: [ORIGIN], announceWrite })
      : async () => {},
    baseUrl: () => ORIGIN,
  });
  return app;
}

/** The framework, a body and a Map. */
async function bareRoute(): Promise<FastifyInstance> {
  const app = fastify();
  const kept = new Map<string, unknown>();
  app.addContentTypeParser("application/cbor-seq", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.post("/v1/wallets/:wallet/backups", async (request, reply) => {
    kept.set((request.params as { wallet: string }).wallet, request.body);
    reply.code(201);
    return { kept: kept.size };
  });
  return app;
}

const [, , name = ""] = process.argv;
const variant = VARIANTS[name];
if (!variant) throw new TypeError(`there is no variant "${name}"`);
const app = await variant(process.env.CLOUDBACKUP_DATA_DIR ?? "");
process.once("SIGTERM", () => void app.close());
process.stdout.write(`listening at ${await app.listen({ host: "127.0.0.1", port: 0 })}\n`);
