import { FORMAT } from "@cloudbackup/core/wire";
import { bytesToHex } from "@noble/hashes/utils.js";
import { chain, commit, download, history, MAX_IDS, missingChunks, putChunks, readChunks } from "./backups.ts";
import { type Call, jsonAnswer, MAX_BINARY_BYTES } from "./call.ts";
import { Problem, problemAnswer } from "./problems.ts";
import type { Context } from "./state.ts";
import {
  activate,
  describeUser,
  endCurrentSession,
  endSession,
  giveChallenge,
  listSessions,
  register,
  resendActivation,
  signIn,
  signInBySeed,
} from "./users.ts";
import { deleteWallet, describeWallet, listWallets, registerWallet } from "./wallets.ts";

type Handler = (context: Context, call: Call, ...params: string[]) => Response;

/** Every request that this server knows; `*` is a parameter. The first that fits answers. @see docs/protocol.md */
const ROUTES: readonly [method: string, path: string, handler: (...args: Parameters<Handler>) => Response][] = [
  ["GET", "server", describeServer],
  ["POST", "users", register],
  ["POST", "users/activation", resendActivation],
  ["POST", "users/activate", activate],
  ["GET", "user", describeUser],
  ["POST", "sessions", signIn],
  ["POST", "challenges", giveChallenge],
  ["POST", "sessions/wallet", signInBySeed],
  ["GET", "sessions", listSessions],
  ["DELETE", "sessions/current", endCurrentSession],
  ["DELETE", "sessions/*", (context, call, id = "") => endSession(context, call, id)],
  ["POST", "wallets", registerWallet],
  ["GET", "wallets", listWallets],
  ["GET", "wallets/*", (context, call, id = "") => describeWallet(context, call, id)],
  ["DELETE", "wallets/*", (context, call, id = "") => deleteWallet(context, call, id)],
  ["POST", "wallets/*/backups", (context, call, id = "") => commit(context, call, id)],
  ["GET", "wallets/*/backups", (context, call, id = "") => history(context, call, id)],
  ["GET", "wallets/*/backups/*", (context, call, id = "", which = "") => download(context, call, id, which)],
  ["GET", "wallets/*/chain", (context, call, id = "") => chain(context, call, id)],
  ["POST", "wallets/*/chunks", (context, call, id = "") => putChunks(context, call, id)],
  ["POST", "wallets/*/chunks/missing", (context, call, id = "") => missingChunks(context, call, id)],
  ["POST", "wallets/*/chunks/read", (context, call, id = "") => readChunks(context, call, id)],
];

/** The answer of a request; every failure is a problem of the protocol. */
export function answer(context: Context, call: Call, requestId: string): Response {
  const response = answerOrProblem(context, call, requestId);
  if (call.path[0] === "v1" && !response.headers.has("cache-control"))
    response.headers.set("cache-control", "no-store");
  return response;
}

function answerOrProblem(context: Context, call: Call, requestId: string): Response {
  try {
    return handle(context, call);
  } catch (error) {
    if (error instanceof Problem) return problemAnswer(error, requestId);
    throw error;
  }
}

function handle(context: Context, call: Call): Response {
  const [version, ...path] = call.path;
  const fitting = version === "v1" ? ROUTES.filter(([, pattern]) => fits(pattern.split("/"), path)) : [];
  if (fitting.length === 0) throw new Problem("no-route");
  const route = fitting.find(([method]) => method === call.method);
  if (!route) {
    const allow = [...new Set(fitting.map(([method]) => method))].join(", ");
    throw new Problem("method-not-allowed", `Use ${allow}`, { headers: { allow } });
  }
  const [, pattern, handler] = route;
  const params = path.filter((_, i) => pattern.split("/")[i] === "*").map(decodeURIComponent);
  return handler(context, call, ...params);
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length === path.length && pattern.every((each, i) => each === "*" || each === path[i]);
}

function describeServer({ realm, origins, activation, registration }: Context): Response {
  return jsonAnswer({
    name: "CloudBackup in memory",
    version: "0.0.0-testing",
    formats: [FORMAT],
    realm: bytesToHex(realm),
    origins,
    registration,
    activation,
    limits: { requestBytes: MAX_BINARY_BYTES, idsPerRequest: MAX_IDS },
  });
}
