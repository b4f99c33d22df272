import type { TestRequest } from "../faults.ts";
import type { TestServer } from "../test-server.ts";

/** One way in which a server can be hostile to a wallet. */
export interface Attack {
  /** `swapped-chunks`. */
  readonly name: string;
  /** What the server does, in a sentence. */
  readonly does: string;
  /** The call that meets it: one of the client's or the wallet's, by its name. */
  readonly against: AttackedCall;
  /**
   * Who notices it: `any` device; one that has `seen` the wallet's latest backup; one that has seen an earlier one and is
   * `behind`.
   */
  readonly device: "any" | "seen" | "behind";
  /** Of these errors that call throws one. None: the attack is without effect, and the call does what it should. */
  readonly codes: readonly string[];
  /**
   * Begins it.
   *
   * @internal
   */
  start(server: TestServer): Tamper;
}

/**
 * A call, by its name.
 *
 * @useDeclaredType
 */
export type AttackedCall = "serverInfo" | "signInWithSeed" | "restore" | "backup" | "history";

/** A request that has reached the hostile server, which can ask the honest one. */
export interface Exchange extends TestRequest {
  readonly init: RequestInit;
  /** The honest answer to this request, or of what else stands at a path, by the same session. */
  honest(path?: string): Promise<Response>;
}

/** Answers in place of the honest server; undefined: as that one does. */
export type Tamper = (exchange: Exchange) => Promise<Response | undefined> | Response | undefined;

export interface AttackParts extends Pick<Attack, "name" | "does" | "codes"> {
  against?: AttackedCall;
  device?: Attack["device"];
}

/** An attack that remembers nothing from one request to the next. */
export function attack(
  parts: AttackParts,
  tamper: (exchange: Exchange, server: TestServer) => ReturnType<Tamper>,
): Attack {
  return { against: "restore", device: "any", ...parts, start: (server) => (exchange) => tamper(exchange, server) };
}

/** The path of the latest backup. */
export function isLatest({ method, path }: TestRequest): boolean {
  return method === "GET" && path.endsWith("/backups/latest");
}

/** The path of a commit. */
export function isCommit({ method, path }: TestRequest): boolean {
  return method === "POST" && path.endsWith("/backups");
}

/** The path of a wallet itself. */
export function isWallet({ method, path }: TestRequest): boolean {
  return method === "GET" && /\/wallets\/[0-9a-f]{64}$/.test(path);
}

/** The id in a path; empty where there is none. */
export function walletIdIn({ path }: TestRequest): string {
  return /\/wallets\/([0-9a-f]{64})/.exec(path)?.[1] ?? "";
}

/** The honest answer's JSON, changed. */
export async function withJson(
  honest: Promise<Response>,
  change: (json: Record<string, unknown>) => unknown,
): Promise<Response> {
  const response = await honest;
  return new Response(JSON.stringify(change(await response.json())), {
    status: response.status,
    headers: { "content-type": response.headers.get("content-type") ?? "" },
  });
}

export function problem(
  status: number,
  code: string,
  more: { members?: object; headers?: HeadersInit } = {},
): Response {
  const headers = new Headers(more.headers);
  headers.set("content-type", "application/problem+json");
  return new Response(JSON.stringify({ status, code, title: code, requestId: "x", ...more.members }), {
    status,
    headers,
  });
}

export function page(status: number): Response {
  return new Response("<!doctype html><title>Sign in to the network</title>", {
    status,
    headers: { "content-type": "text/html" },
  });
}
