import { decodeBundle, encodeBundle } from "@cloudbackup/core/wire";
import { beforeEach, describe, expect, it } from "vitest";
import {
  AnotherRealmError,
  CloudBackupError,
  DoesNotDecryptError,
  ForkError,
  IncompleteError,
  NoBackupError,
  NotSignedInError,
  NoWalletError,
  TamperedError,
  UnreachableError,
  UnsupportedVersionError,
  WentBackError,
} from "../../src/errors.ts";
import { memoryStorage, type Storage } from "../../src/storage.ts";
import type { WalletBackup } from "../../src/wallet-backup.ts";
import {
  dump,
  type Intercept,
  noNetwork,
  OTHER_SEED,
  type RealServer,
  renamed,
  SEED,
  startServer,
} from "../support/wallets.ts";

const BACKUPS = "/v1/wallets/…/backups";
const LATEST = `${BACKUPS}/latest`;

/** A device at revision 1 of a wallet that another one has brought to revision 2, and what happens on the way. */
interface Scene {
  server: RealServer;
  storage: Storage;
  device: WalletBackup;
  /** The same device after a restart. */
  restarted(): Promise<WalletBackup>;
  /** Another device, that knows nothing. */
  fresh(seed?: Uint8Array): Promise<WalletBackup>;
}

interface Outcome {
  id: string;
  kind: new (...args: never[]) => CloudBackupError;
  code: string;
  retryable?: boolean;
  /** Sets the scene. @returns who restores, by default the device */
  provoke: (scene: Scene) => Promise<WalletBackup | undefined>;
}

function answer(bytes: Uint8Array, type: string | null = "application/cbor-seq"): Response {
  return new Response(bytes as BodyInit, { headers: { "content-type": type ?? "" } });
}

/** Answers a request with other bytes than the server's. */
const changed =
  (at: string, change: (bytes: Uint8Array, scene: Scene) => Uint8Array, scene: Scene): Intercept =>
  async ({ method, path, forward }) => {
    if (method !== "GET" || path !== at) return forward();
    const response = await forward();
    const bytes = change(new Uint8Array(await response.arrayBuffer()), scene);
    return answer(bytes, response.headers.get("content-type"));
  };
const downloading =
  (change: (bytes: Uint8Array) => Uint8Array) =>
  async (scene: Scene): Promise<undefined> => {
    scene.server.intercept = changed(LATEST, change, scene);
  };

const OUTCOMES: Outcome[] = [
  {
    id: "no such wallet",
    kind: NoWalletError,
    code: "ERR_CB_NO_WALLET",
    provoke: ({ fresh }) => fresh(OTHER_SEED),
  },
  {
    id: "no backup yet",
    kind: NoBackupError,
    code: "ERR_CB_NO_BACKUP",
    async provoke({ server, fresh }) {
      const other = await fresh(OTHER_SEED);
      server.intercept = ({ method, path }) => (method === "POST" && path === BACKUPS ? noNetwork() : undefined);
      await expect(other.backup(dump)).rejects.toThrow(UnreachableError);
      server.intercept = undefined;
      // What was begun is no backup that this device has seen.
      return fresh(OTHER_SEED);
    },
  },
  {
    id: "unreachable",
    kind: UnreachableError,
    code: "ERR_CB_UNREACHABLE",
    retryable: true,
    async provoke({ server }) {
      server.intercept = noNetwork;
      return undefined;
    },
  },
  {
    id: "not signed in",
    kind: NotSignedInError,
    code: "ERR_CB_NOT_SIGNED_IN",
    async provoke({ server }) {
      return server.client().openWallet(SEED);
    },
  },
  {
    id: "does not decrypt",
    kind: DoesNotDecryptError,
    code: "ERR_CB_DOES_NOT_DECRYPT",
    async provoke({ server, fresh }) {
      const other = await fresh(OTHER_SEED);
      await other.backup(dump);
      const theirs = await other.exportFile();
      server.intercept = ({ path }) => (path === LATEST ? answer(theirs) : undefined);
      return undefined;
    },
  },
  {
    id: "tampered",
    kind: TamperedError,
    code: "ERR_CB_TAMPERED",
    provoke: downloading((bytes) => bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1)),
  },
  {
    id: "incomplete",
    kind: IncompleteError,
    code: "ERR_CB_INCOMPLETE",
    provoke: downloading((bytes) => encodeBundle({ head: decodeBundle(bytes).head, items: [] })),
  },
  {
    id: "went back",
    kind: WentBackError,
    code: "ERR_CB_WENT_BACK",
    async provoke({ server, device }) {
      const first = await device.exportFile();
      await device.backup(renamed("Three"));
      server.intercept = ({ path }) => (path === LATEST ? answer(first) : undefined);
      return undefined;
    },
  },
  {
    id: "fork",
    kind: ForkError,
    code: "ERR_CB_FORK",
    async provoke(scene) {
      const { server, fresh } = scene;
      await (await fresh()).backup(renamed("Two"), { replace: true });
      const other = "ab".repeat(32);
      const chain = (bytes: Uint8Array) => {
        const hashes = JSON.parse(new TextDecoder().decode(bytes)) as [number, string][];
        return new TextEncoder().encode(JSON.stringify(hashes.map(([revision]) => [revision, other])));
      };
      server.intercept = changed("/v1/wallets/…/chain?from=1", chain, scene);
      return undefined;
    },
  },
  {
    id: "another realm",
    kind: AnotherRealmError,
    code: "ERR_CB_ANOTHER_REALM",
    async provoke({ server, restarted }) {
      const realm = "ff".repeat(16);
      server.intercept = async ({ path, forward }) => {
        if (path !== "/v1/server") return forward();
        return Response.json({ ...(await (await forward()).json()), realm });
      };
      return restarted();
    },
  },
  {
    id: "unsupported version",
    kind: UnsupportedVersionError,
    code: "ERR_CB_UNSUPPORTED_VERSION",
    provoke: downloading((bytes) => {
      // The value of the bundle's first key, "format".
      const at = Buffer.from(bytes).indexOf("format") + "format".length;
      return bytes.with(at, 2);
    }),
  },
];

let scene: Scene;
beforeEach(async () => {
  const server = await startServer();
  const storage = memoryStorage();
  const client = await server.signedIn("alice", { storage });
  const device = await client.openWallet(SEED);
  const fresh = async (seed = SEED) => (await server.signedIn("alice")).openWallet(seed);
  await device.backup(dump);
  scene = {
    server,
    storage,
    device,
    fresh,
    restarted: async () => server.client({ storage }).openWallet(SEED),
  };
});

/** The base, the mark, and all else that the device keeps of the wallet. */
async function kept(): Promise<string[]> {
  const keys = await scene.storage.keys("cloudbackup/wallets/");
  const entries = keys
    .sort()
    .map(async (key) => `${key} ${Buffer.from((await scene.storage.get(key)) ?? []).toString("hex")}`);
  return Promise.all(entries);
}

describe("restore ends in exactly one of", () => {
  it("a dump", async () => {
    const other = await scene.fresh();
    await (await other.restore()).accept();
    await other.backup(renamed("Two"));
    const restored = await scene.device.restore();
    expect(restored).toMatchObject({ revision: 2, dump: renamed("Two") });
  });

  it.each(OUTCOMES)("$id", async ({ kind, code, retryable = false, provoke }) => {
    const wallet = (await provoke(scene)) ?? scene.device;
    const before = await kept();
    const ends: unknown[] = [];
    await wallet.restore().then(
      (restored) => ends.push(restored),
      (error) => ends.push(error),
    );
    expect(ends).toHaveLength(1);
    const [error] = ends;
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ code, retryable });
    // Nothing of a dump comes with it, and this device stands where it stood.
    expect(error).not.toHaveProperty("dump");
    expect(await kept()).toEqual(before);
    expect(before.length).toBeGreaterThan(2);
  });

  it("each by a class and a code of its own", () => {
    expect(new Set(OUTCOMES.map(({ code }) => code)).size).toBe(OUTCOMES.length);
    const classes = OUTCOMES.map(({ kind }) => kind);
    for (const kind of classes) {
      // An instance of one is none of another.
      expect(classes.filter((other) => kind.prototype instanceof other || kind === other)).toEqual([kind]);
      expect(kind.prototype).toBeInstanceOf(CloudBackupError);
    }
  });
});

describe("the least generation to expect", () => {
  it("below it, the server went back, whatever this device has seen", async () => {
    expect(await scene.device.restore({ minGen: 1 })).toMatchObject({ gen: 1 });
    await expect(scene.device.restore({ minGen: 2 })).rejects.toThrow(WentBackError);
    const fresh = await scene.fresh();
    await expect(fresh.restore({ minGen: 2 })).rejects.toThrow(/generation 1, at least 2/);
    // Nothing was taken over: who knows of no more may still restore what is there.
    await expect(fresh.backup(dump)).rejects.toMatchObject({ code: "ERR_CB_RESTORE_FIRST" });
    expect(await fresh.restore()).toMatchObject({ gen: 1 });
  });

  it("is looked at after all else: what was verified counts, and may not go back from there either", async () => {
    const { server } = scene;
    const fresh = await scene.fresh();
    const first = await fresh.exportFile();
    await scene.device.backup(renamed("Two"));
    await expect(fresh.restore({ minGen: 3 })).rejects.toThrow(/generation 2/);
    server.intercept = ({ path }) => (path === LATEST ? answer(first) : undefined);
    await expect(fresh.restore()).rejects.toThrow(/revision 1, this device has seen revision 2/);
  });
});
