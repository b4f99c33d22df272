import { type AnySectionDefinition, type Dump, type MirrorMark, TooLargeError } from "@cloudbackup/core";
import { bytesToHex } from "@noble/hashes/utils.js";
import {
  CloudBackupError,
  ForkError,
  InvalidDumpError,
  RestoreFirstError,
  RevisionConflictError,
  SameRealmError,
  UnreachableError,
  WalletGoneError,
  WentBackError,
} from "./errors.ts";
import { type HeldView, type Mirror, type MirrorView, mirrorMarkOf, newestOf } from "./mirror.ts";
import { contentFor, heldApart } from "./mirror-content.ts";
import { mirrorMarkIn, uniteMirrorMarks } from "./mirror-marks.ts";
import type { OnProgress } from "./progress.ts";
import { isHeldHere, refill } from "./refill.ts";
import type { WalletParts } from "./wallet-parts.ts";
import { type BackupOptions, type BackupReceipt, writeBackup } from "./write-backup.ts";

type AnyMirror = Mirror<readonly AnySectionDefinition[]>;

/** What one of several servers answered to a backup. */
export interface MirrorReceipt {
  /** The server's, as its client has it. */
  readonly url: string;
  /** The server's, 32 hex characters; undefined where it has never answered. */
  readonly realm: string | undefined;
  /** What it acknowledged; undefined where it has not. */
  readonly receipt: BackupReceipt | undefined;
  /** Why it has not; undefined where it has, and while it is still under way. */
  readonly error: CloudBackupError | undefined;
}

/** A backup that is on its way to all servers. */
export interface MirrorWrites {
  /** Of each server, in order, as it is now. */
  receipts(): MirrorReceipt[];
  /** Resolves when so many have it, or all have answered. @throws what is wrong with the dump or the servers together */
  reached(quorum: number): Promise<void>;
  /** Resolves when all have answered. */
  readonly settled: Promise<void>;
}

interface WriteOptions extends BackupOptions {
  /** Aborts what is under way. */
  signal: AbortSignal;
  /** Whether no other has begun since, which holds something newer. */
  isLast: () => boolean;
}

/** Begins to back a dump up at all servers at once. */
export async function writeToAll(
  mirrors: readonly AnyMirror[],
  dump: Dump,
  options: WriteOptions,
): Promise<MirrorWrites> {
  const plan = await planFor(mirrors);
  const apart = await heldApart([...plan.views.values()], dump, options.remove ?? []);
  return new Writing(mirrors, { ...apart, ...dump }, plan, options).begin();
}

/** What this device knows of all servers before anything is sent. */
interface Plan {
  views: ReadonlyMap<AnyMirror, MirrorView>;
  newest: HeldView | undefined;
  gen: number;
  /** What this device holds of each. */
  held: readonly MirrorMark[];
  /** What the backups that this device holds say of each. */
  named: readonly MirrorMark[];
}

async function planFor(mirrors: readonly AnyMirror[]): Promise<Plan> {
  const views = new Map<AnyMirror, MirrorView>();
  for (const mirror of mirrors) {
    const view = await mirror.view();
    if (view) views.set(mirror, view);
  }
  const all = [...views.values()];
  const gens = all.flatMap(({ mark, base }) => [mark?.gen ?? 0, base?.state.manifest.gen ?? 0]);
  return {
    views,
    newest: newestOf(all),
    gen: Math.max(0, ...gens) + 1,
    held: all.flatMap(mirrorMarkOf),
    named: all.flatMap(({ base }) => base?.state.manifest.mirrors ?? []),
  };
}

class Writing {
  readonly #mirrors: readonly AnyMirror[];
  readonly #dump: Dump;
  readonly #options: BackupOptions & { signal: AbortSignal };
  readonly #isLast: () => boolean;
  readonly #plan: Plan;
  readonly #outcomes = new Map<AnyMirror, Pick<MirrorReceipt, "receipt" | "error">>();
  readonly #onProgress: (mirror: AnyMirror) => OnProgress | undefined;
  #fatal: { error: unknown } | undefined;
  /** Whether nobody waits any more for those that have not answered. */
  #isReached = false;
  #waiting: (() => void)[] = [];

  constructor(mirrors: readonly AnyMirror[], dump: Dump, plan: Plan, { isLast, ...options }: WriteOptions) {
    this.#mirrors = mirrors;
    this.#dump = dump;
    this.#plan = plan;
    this.#isLast = isLast;
    this.#options = options;
    this.#onProgress = addUpProgress(options.onProgress);
  }

  begin(): MirrorWrites {
    const firsts = new Map(this.#mirrors.map((mirror) => [mirror, this.#writeTo(mirror)]));
    // Each looks at the others; nobody else need look at one that fails.
    for (const first of firsts.values()) first.catch(() => undefined);
    const all = this.#mirrors.map(async (mirror) => {
      try {
        this.#settle(mirror, { receipt: await this.#orRefill(mirror, firsts), error: undefined });
      } catch (error) {
        if (error instanceof CloudBackupError && !isEverywhere(error)) {
          this.#settle(mirror, { receipt: undefined, error });
        } else {
          this.#fatal ??= { error };
          this.#wake();
        }
      }
    });
    return {
      receipts: () => this.#mirrors.map((mirror) => this.#receiptOf(mirror)),
      reached: (quorum) => this.#reached(quorum),
      settled: Promise.all(all).then(() => undefined),
    };
  }

  async #writeTo(mirror: AnyMirror): Promise<BackupReceipt> {
    const parts = await mirror.open();
    return parts.shared.turns.run(async () => {
      // A server that is slow shall not be given all that others had long ago.
      if (this.#isReached && !this.#isLast()) throw new UnreachableError("A newer backup is on its way");
      const { named, ...lineage } = this.#lineageOf(parts);
      const base = await parts.local.base();
      // A server that is new to this device may be one that lost its wallet: it must not begin anew.
      if (named && !isAtLeast(base, named) && !this.#options.replace) {
        if (!base) throw new RestoreFirstError(named.revision);
        throw new WentBackError(`The server had acknowledged revision ${named.revision} before it went back`);
      }
      const { dump, remove } = await this.#contentOf(mirror);
      return writeBackup(parts, dump, { ...this.#optionsOf(mirror), ...lineage, remove });
    });
  }

  /** A server that lost what this device holds, and another server has by now, gets it again. */
  async #orRefill(mirror: AnyMirror, firsts: ReadonlyMap<AnyMirror, Promise<BackupReceipt>>): Promise<BackupReceipt> {
    try {
      return await (firsts.get(mirror) as Promise<BackupReceipt>);
    } catch (error) {
      if (!isLost(error) || !(await this.#isSafeElsewhere(mirror, firsts))) throw error;
      const parts = await mirror.open();
      const { dump } = await this.#contentOf(mirror, { isWhole: true });
      return parts.shared.turns.run(() => {
        // By its turn a newer one may be there, which this one must not replace.
        if (!this.#isLast()) throw error;
        return refill(parts, dump, this.#lineageOf(parts), this.#optionsOf(mirror));
      });
    }
  }

  /** Whether this device holds what the server lost, and another server what this device holds. */
  async #isSafeElsewhere(mirror: AnyMirror, firsts: ReadonlyMap<AnyMirror, Promise<BackupReceipt>>): Promise<boolean> {
    const { views } = this.#plan;
    const mark = (await mirror.view())?.mark ?? null;
    const others = [...views].filter(([other]) => other !== mirror).map(([, view]) => view);
    const isHeld = isHeldHere(mark) || others.some(({ base }) => (base?.state.manifest.gen ?? 0) >= (mark?.gen ?? 1));
    if (!isHeld) return false;
    const elsewhere = this.#mirrors.filter((other) => other !== mirror).map((other) => firsts.get(other));
    return Promise.any(elsewhere).then(
      () => true,
      () => false,
    );
  }

  /** @param isWhole for a server from which nothing can be carried over */
  async #contentOf(mirror: AnyMirror, { isWhole = false } = {}): Promise<{ dump: Dump; remove: string[] }> {
    const view = await mirror.view();
    const { remove = [] } = this.#options;
    if (!view) return { dump: this.#dump, remove: [...remove] };
    return contentFor(isWhole ? { ...view, base: null } : view, this.#plan.newest, this.#dump, remove);
  }

  #lineageOf({ keys: { realm } }: WalletParts) {
    const { gen, held, named } = this.#plan;
    return { gen, mirrors: uniteMirrorMarks(realm, named, held), named: mirrorMarkIn(realm, named) };
  }

  #optionsOf(mirror: AnyMirror): BackupOptions {
    return { ...this.#options, onProgress: this.#onProgress(mirror) };
  }

  async #reached(quorum: number): Promise<void> {
    for (;;) {
      if (this.#fatal) throw this.#fatal.error;
      const outcomes = [...this.#outcomes.values()];
      const isEnough = outcomes.filter(({ receipt }) => receipt).length >= quorum;
      if (isEnough || outcomes.length === this.#mirrors.length) break;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#isReached = true;
  }

  #settle(mirror: AnyMirror, outcome: Pick<MirrorReceipt, "receipt" | "error">): void {
    this.#outcomes.set(mirror, outcome);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #receiptOf(mirror: AnyMirror): MirrorReceipt {
    const { receipt, error } = this.#outcomes.get(mirror) ?? {};
    return { url: mirror.url, realm: mirror.realm, receipt, error };
  }
}

/** Whether another device has written there. */
export function isConflict({ error }: MirrorReceipt): boolean {
  return error instanceof RevisionConflictError;
}

/** What is wrong with the dump, or with the servers together, is so at each. */
function isEverywhere(error: CloudBackupError): boolean {
  return error instanceof InvalidDumpError || error instanceof TooLargeError || error instanceof SameRealmError;
}

/** Something is there, or gone, that this device cannot simply go on from. */
function isLost(error: unknown): boolean {
  const classes = [WalletGoneError, WentBackError, ForkError, RestoreFirstError];
  return classes.some((each) => error instanceof each);
}

function isAtLeast(base: MirrorView["base"], named: MirrorMark): boolean {
  const revision = base?.state.manifest.revision ?? 0;
  return revision > named.revision || (revision === named.revision && isSame(base?.state.sha256, named.sha256));
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && bytesToHex(a) === bytesToHex(b);
}

/** Bytes of all servers together. */
export function addUpProgress(onProgress: OnProgress | undefined): (mirror: object) => OnProgress | undefined {
  if (!onProgress) return () => undefined;
  const each = new Map<object, { done: number; total: number }>();
  return (mirror) => (progress) => {
    each.set(mirror, progress);
    const all = [...each.values()];
    const sum = (of: "done" | "total") => all.reduce((bytes, one) => bytes + one[of], 0);
    onProgress({ ...progress, done: sum("done"), total: sum("total") });
  };
}
