import { decodeBundle } from "@cloudbackup/core/wire";
import { seededRandom } from "../../../packages/core/test/noise.ts";
import { PASSWORD, signIn, startServer, type TestServer } from "../../../packages/server/test/support/server.ts";
import {
  bearer,
  challenge,
  registerWallet,
  sha256 as sha256Of,
  TestWallet,
} from "../../../packages/server/test/support/wallet.ts";
import { claimEqual } from "../target.ts";

type App = TestServer["app"];
export type InjectOptions = ReturnType<TestWallet["commitRequest"]>;
export type InjectAnswer = Awaited<ReturnType<typeof registerWallet>>;

export const USERNAME = "alice";

/** A server in memory with a user and a wallet, of which it is known where it stands. */
export class ServerWorld {
  readonly #server: TestServer;
  readonly wallet: TestWallet;
  readonly token: string;
  walletToken = "";
  /** Of the server, not yet used. */
  challenge = "";
  revision = 0;
  sha256: Uint8Array | null = null;
  /** In use, ascending. */
  ids: Uint8Array[] = [];

  private constructor(server: TestServer, token: string) {
    this.#server = server;
    this.token = token;
    this.wallet = new TestWallet(server.realm, new Uint8Array(32).fill(5));
  }

  /** The same at every call: nothing in it is left to chance. */
  static async open(): Promise<ServerWorld> {
    const server = await startServer({ activation: "none", logLevel: "silent", randomBytes: seededRandom() });
    const user = { username: USERNAME, password: PASSWORD, email: "alice@example.org" };
    await server.app.inject({ method: "POST", url: "/v1/users", payload: user });
    const world = new ServerWorld(server, await signIn(server, USERNAME));
    await world.lookAgain();
    return world;
  }

  get app(): App {
    return this.#server.app;
  }

  /** Where the wallet stands; registers it again where it was deleted. */
  async lookAgain(): Promise<void> {
    const { app, wallet, token } = this;
    const get = (url: string) => app.inject({ method: "GET", url, headers: bearer(token) });
    if ((await get(wallet.path)).statusCode !== 200) await registerWallet(app, { username: USERNAME, token }, wallet);
    const { revision, sha256 } = (await get(wallet.path)).json();
    this.revision = revision;
    this.sha256 = sha256 === null ? null : Buffer.from(sha256, "hex");
    const latest = await get(`${wallet.path}/backups/latest`);
    const head = latest.statusCode === 200 ? decodeBundle(latest.rawPayload).head : undefined;
    claimEqual(
      head ? sha256Of(head.envelope) : null,
      this.sha256,
      "what is sent is the envelope that the wallet stands at",
    );
    this.ids = head?.add ?? [];
    this.challenge = await challenge(app);
    if (this.walletToken === "") {
      const payload = wallet.proof(this.challenge, null);
      this.walletToken = (await app.inject({ method: "POST", url: "/v1/sessions/wallet", payload })).json().token;
      this.challenge = await challenge(app);
    }
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
