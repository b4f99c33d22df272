import { cp } from "node:fs/promises";
import { createServer } from "@cloudbackup/server";
import type { LoadRequest } from "./load.ts";
import { BenchWallet, ORIGIN, type Signed } from "./wallet.ts";

/** A database with a user and wallets of it. */
export interface Stage {
  dataDir: string;
  /** Of a session by password. */
  token: string;
  wallets: BenchWallet[];
  realm: Uint8Array;
}

const CREDENTIALS = { username: "alice", password: "correct horse battery" };

/** Makes a database in a folder, with so many wallets, which nobody has backed up. */
export async function setStage(dataDir: string, wallets: number): Promise<Stage> {
  const server = await createServer({ dataDir, activation: "none", origins: [ORIGIN], logLevel: "silent" });
  const post = async (url: string, payload: object, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await server.inject({ method: "POST", url, payload, headers });
    if (answer.statusCode >= 300) throw new Error(`${url}: ${answer.body}`);
    return answer.body === "" ? null : answer.json();
  };
  try {
    const realm = Buffer.from((await server.inject({ url: "/v1/server" })).json().realm, "hex");
    await post("/v1/users", { ...CREDENTIALS, email: "alice@example.org" });
    const { token } = await post("/v1/sessions", CREDENTIALS);
    const made = Array.from({ length: wallets }, (_, i) => new BenchWallet(i + 1, realm));
    for (const wallet of made) {
      const { challenge } = await post("/v1/challenges", {});
      await post("/v1/wallets", wallet.registration(challenge, CREDENTIALS.username), token);
    }
    return { dataDir, token, wallets: made, realm };
  } finally {
    await server.close();
  }
}

/** The same database once more, for another server to which the same requests are made. */
export async function copyStage(stage: Stage, dataDir: string): Promise<Stage> {
  await cp(stage.dataDir, dataDir, { recursive: true });
  return { ...stage, dataDir };
}

/** A signed upload to an address below the wallet's own. */
export function post(stage: Stage, wallet: BenchWallet, below: "backups" | "chunks", { body, signature }: Signed) {
  const headers = [
    ...["content-type", "application/cbor-seq"],
    ...["authorization", `Bearer ${stage.token}`],
    ...["cloudbackup-signature", signature],
  ];
  const status = below === "backups" ? 201 : 204;
  return { method: "POST", path: `${wallet.path}/${below}`, headers, body, status } satisfies LoadRequest;
}

/** Reads the newest backup. */
export function get(stage: Stage, wallet: BenchWallet): LoadRequest {
  const headers = ["authorization", `Bearer ${stage.token}`];
  return { method: "GET", path: `${wallet.path}/backups/latest`, headers, body: null, status: 200 };
}
