import { statSync, watch } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ServerProgram } from "../program.ts";
import { Api, Finding } from "./api.ts";
import type { Dice } from "./dice.ts";
import { assertDatabaseWhole } from "./integrity.ts";
import type { Sealed } from "./sealed.ts";
import type { KillKind, Totals } from "./totals.ts";
import { signUp, type User } from "./user.ts";
import { verifyWallet } from "./verify.ts";
import { Wallet } from "./wallet.ts";

/** How many of a hundred kills are of which kind. */
const KINDS: Record<KillKind, number> = { load: 70, start: 15, stop: 15 };
/** How many commits are acknowledged, at most, before the moment of a kill under load: it is the same on any machine. */
const MAX_COMMITS_BEFORE = 24;
/** How long after its moment has come, at most. */
const WITHIN_MS = 40;
const USERS = 2;
const WALLETS = 8;
/** Nobody waits for mail here; what happens is in the answers. */
const ENV = { CLOUDBACKUP_ACTIVATION: "none", CLOUDBACKUP_LOG_LEVEL: "error" };
const DATABASE = "cloudbackup.sqlite";

/** A database that outlives its servers, and the wallets that it has promised something to. */
export class DatabaseLife {
  /** So far. */
  kills = 0;
  /** What is happening to it, for who has to find out what went wrong. */
  moment = "before the first";
  readonly #folder: string;
  readonly #dice: Dice;
  readonly #totals: Totals;
  #server: ServerProgram | null = null;
  #users: User[] = [];
  #wallets: Wallet[] = [];
  #onCommit: () => void = () => {};
  readonly #opened = new WeakSet<Sealed>();

  constructor(folder: string, dice: Dice, totals: Totals) {
    this.#folder = folder;
    this.#dice = dice;
    this.#totals = totals;
  }

  /** Starts a server, kills it at some moment, and goes through what it left at the next start. @throws Finding */
  async killOnce(): Promise<void> {
    // The first one meets an empty folder.
    const kind = this.kills === 0 ? "start" : this.#dice.pick(KINDS);
    const afterMs = this.#dice.below(WITHIN_MS * 1000) / 1000;
    this.moment = `${kind}, ${afterMs} ms`;
    const isKilled = kind === "start" ? await this.#killStarting(afterMs) : await this.#killWorking(kind, afterMs);
    if (!isKilled) return;
    this.kills += 1;
    this.#totals.kills[kind] += 1;
  }

  /** Goes through all that it holds, and stops in peace. @throws Finding */
  async end(): Promise<void> {
    this.moment = "after the last";
    const api = await this.#start();
    await this.#verify(api, { all: true });
    const code = await this.#server?.stop();
    if (code !== 0) throw new Finding(`The server ends with ${code} when it is asked to stop`);
    const files = await readdir(this.#folder);
    if (files.join() !== DATABASE) throw new Finding(`A server that stopped leaves ${files.join(", ")}`);
  }

  async abandon(): Promise<void> {
    await this.#server?.kill();
  }

  async #killStarting(afterMs: number): Promise<boolean> {
    const watching = new AbortController();
    const touched = new Promise<void>((resolve) => {
      watch(this.#folder, { signal: watching.signal }, () => resolve());
    });
    const server = this.#launch();
    let listens = false;
    const listening = server.listening().then(() => {
      listens = true;
    });
    await Promise.race([touched, listening]);
    watching.abort();
    await sleep(afterMs);
    const isKilled = await server.kill();
    if (isKilled && !listens) this.#totals.midStart += 1;
    return isKilled;
  }

  async #killWorking(kind: "load" | "stop", afterMs: number): Promise<boolean> {
    const api = await this.#start();
    await this.#verify(api, { all: false });
    const enough = this.#acknowledged(this.#dice.below(MAX_COMMITS_BEFORE));
    const work = Promise.all(this.#wallets.map((wallet) => wallet.work(api)));
    await Promise.race([enough, work]);
    if (kind === "stop") void this.#server?.stop();
    await sleep(afterMs);
    const isKilled = (await this.#server?.kill()) === true;
    if (kind === "load" && !isKilled) throw new Finding("The server ended by itself under load");
    if (kind === "stop" && isKilled && this.#logBytes() > 0) this.#totals.midStop += 1;
    await work;
    return isKilled;
  }

  #launch(): ServerProgram {
    this.#server = ServerProgram.launch(this.#folder, { env: ENV });
    return this.#server;
  }

  async #start(): Promise<Api> {
    const api = new Api(await this.#launch().listening());
    assertDatabaseWhole(join(this.#folder, DATABASE));
    if (this.#wallets.length === 0) await this.#populate(api);
    return api;
  }

  async #populate(api: Api): Promise<void> {
    const { realm } = await api.read<{ realm: string }>("/v1/server", "");
    for (let i = 0; i < USERS; i++) this.#users.push(await signUp(api, this.#dice.for(`user ${i}`)));
    this.#wallets = Array.from({ length: WALLETS }, (_, i) => {
      const user = this.#users[i % USERS] as User;
      return new Wallet(user, Buffer.from(realm, "hex"), this.#dice.for(`wallet ${i}`), () => this.#onCommit());
    });
  }

  /** Opens all backups, or those that were not opened yet and one more of each wallet. */
  async #verify(api: Api, { all }: { all: boolean }): Promise<void> {
    await Promise.all(
      this.#wallets.map(async (wallet) => {
        const { acknowledged } = wallet;
        const again = acknowledged[this.#dice.below(Math.max(1, acknowledged.length))];
        const toOpen = acknowledged.filter((sealed) => all || sealed === again || !this.#opened.has(sealed));
        const outcome = await verifyWallet(api, wallet, toOpen);
        if (outcome !== "nothing") this.#totals[outcome] += 1;
        for (const sealed of toOpen) this.#opened.add(sealed);
        this.#totals.opened += toOpen.length;
      }),
    );
  }

  /** Resolves when so many more commits were acknowledged. */
  #acknowledged(count: number): Promise<void> {
    return new Promise((resolve) => {
      let missing = count;
      this.#onCommit = () => {
        this.#totals.commits += 1;
        if (--missing <= 0) resolve();
      };
      if (missing === 0) resolve();
    });
  }

  /** Of the write-ahead log, which a stop leaves empty or takes away. */
  #logBytes(): number {
    return statSync(join(this.#folder, `${DATABASE}-wal`), { throwIfNoEntry: false })?.size ?? 0;
  }
}
