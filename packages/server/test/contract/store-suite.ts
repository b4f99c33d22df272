import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Commit, CommitOutcome, Store, UserRow } from "../../src/store/store.ts";
import { chunksOf, sha256 } from "../support/wallet.ts";

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.parse("2026-01-02T03:04:05.678Z");
const plain = (bytes: Uint8Array | null | undefined) => bytes && new Uint8Array(bytes);

/** What every store must do. @param open a new, empty store */
export function storeSuite(name: string, open: () => Promise<{ store: Store; remove(): Promise<void> }>): void {
  describe(name, () => {
    let store: Store;
    let remove: () => Promise<void>;
    beforeEach(async () => {
      ({ store, remove } = await open());
    });
    afterEach(async () => {
      await store.close();
      await remove();
    });

    const user = (username: string, rest: Partial<UserRow> = {}): UserRow => ({
      id: `id of ${username}`,
      username,
      email: `${username}@example.org`,
      passwordHash: "$argon2id$",
      createdAt: NOW,
      activatedAt: NOW,
      ...rest,
    });
    const addUser = (username: string) => store.users.create(user(username), null, 0);
    const token = (expiresAt = NOW + DAY) => ({ hash: randomBytes(32), expiresAt });

    async function addWallet(username = "alice"): Promise<Uint8Array> {
      await addUser(username);
      const id = new Uint8Array(randomBytes(32));
      const outcome = await store.wallets.register({
        id,
        publicKey: randomBytes(32),
        userId: `id of ${username}`,
        now: NOW,
      });
      expect(outcome).toBe("registered");
      return id;
    }

    const commitOf = (wallet: Uint8Array, revision: number, rest: Partial<Commit> = {}): Commit => {
      const envelope = rest.envelope ?? new Uint8Array(100).fill(revision);
      return {
        wallet,
        userId: "id of alice",
        revision,
        after: revision === 1 ? null : sha256(new Uint8Array(100).fill(revision - 1)),
        base: revision - 1,
        envelope,
        sha256: sha256(envelope),
        add: (rest.chunks ?? []).map((chunk) => chunk.id),
        drop: [],
        chunks: [],
        now: NOW + revision,
        ...rest,
      };
    };
    const stored = async (commit: Commit) =>
      expect(await store.backups.commit(commit)).toMatchObject({ kind: "stored" });
    const idsAt = async (wallet: Uint8Array, revision: number) =>
      (await store.chunks.idsOfRevision(wallet, revision, null, 1000)).map(plain);
    const ids = (...numbers: number[]) => chunksOf(numbers).map((chunk) => chunk.id);

    test("has a realm and a secret", () => {
      expect(store.identity.realm).toHaveLength(16);
      expect(store.identity.secret).toHaveLength(32);
      expect(Buffer.from(store.identity.realm).equals(Buffer.alloc(16))).toBe(false);
    });

    test("is usable until it is closed", async () => {
      await store.check();
      await store.close();
      await expect(store.check()).rejects.toMatchObject({ code: "ERR_CB_STORE_UNAVAILABLE" });
    });

    describe("users", () => {
      test("are found by name and id, as they were given", async () => {
        expect(await addUser("alice")).toBe("created");
        expect(await store.users.byUsername("alice")).toEqual(user("alice"));
        expect(await store.users.byId("id of alice")).toEqual(user("alice"));
        expect(await store.users.byUsername("bob")).toBeNull();
      });

      test("keep their name", async () => {
        await addUser("alice");
        expect(await store.users.create(user("alice", { id: "other" }), token(), NOW)).toBe("taken");
        expect(await store.users.byId("other")).toBeNull();
      });

      test("that were not activated in time leave their name and their tokens", async () => {
        const first = token();
        await store.users.create(user("alice", { activatedAt: null }), first, 0);
        const again = user("alice", { id: "other", activatedAt: null });
        expect(await store.users.create(again, null, NOW)).toBe("taken");
        expect(await store.users.create(again, null, NOW + 1)).toBe("created");
        expect(await store.users.byId("id of alice")).toBeNull();
        expect(await store.users.activate(first.hash, NOW)).toBe(false);
      });

      test("are activated once, by any token of theirs that has not expired", async () => {
        const [first, second, expired] = [token(), token(), token(NOW)];
        await store.users.create(user("alice", { activatedAt: null }), first, 0);
        await store.users.addActivation("id of alice", second, NOW - 1);
        await store.users.addActivation("id of alice", expired, NOW - 1);
        expect(await store.users.activate(expired.hash, NOW)).toBe(false);
        expect(await store.users.activate(first.hash, NOW + 1)).toBe(true);
        expect((await store.users.byUsername("alice"))?.activatedAt).toBe(NOW + 1);
        expect(await store.users.activate(first.hash, NOW)).toBe(false);
        expect(await store.users.activate(second.hash, NOW)).toBe(false);
      });

      test("that are gone or activated get no token", async () => {
        await addUser("alice");
        const [first, second] = [token(), token()];
        await store.users.addActivation("id of alice", first, NOW);
        await store.users.addActivation("id of nobody", second, NOW);
        expect(await store.users.activate(first.hash, NOW)).toBe(false);
        expect(await store.users.activate(second.hash, NOW)).toBe(false);
      });
    });

    describe("sessions", () => {
      const session = (id: string, rest = {}) => ({
        id,
        userId: "id of alice",
        kind: "password" as const,
        wallet: null,
        createdAt: NOW,
        expiresAt: NOW + DAY,
        ...rest,
      });

      test("are found by token until they expire", async () => {
        await addUser("alice");
        const hash = randomBytes(32);
        await store.sessions.create(session("one"), hash, NOW);
        expect(await store.sessions.byToken(hash, NOW + DAY - 1)).toEqual(session("one"));
        expect(await store.sessions.byToken(hash, NOW + DAY)).toBeNull();
        expect(await store.sessions.byToken(randomBytes(32), NOW)).toBeNull();
      });

      test("are listed and ended by their user alone", async () => {
        await addUser("alice");
        await addUser("bob");
        await store.sessions.create(session("one"), randomBytes(32), NOW);
        await store.sessions.create(session("two", { createdAt: NOW + 1 }), randomBytes(32), NOW);
        expect((await store.sessions.ofUser("id of alice", NOW)).map(({ id }) => id)).toEqual(["one", "two"]);
        expect(await store.sessions.ofUser("id of bob", NOW)).toEqual([]);
        expect(await store.sessions.delete("id of bob", "one")).toBe(false);
        expect(await store.sessions.delete("id of alice", "one")).toBe(true);
        expect(await store.sessions.delete("id of alice", "one")).toBe(false);
        expect(await store.sessions.ofUser("id of alice", NOW + DAY)).toEqual([]);
      });

      test("by seed know their wallet, and end with it", async () => {
        const wallet = await addWallet();
        const hash = randomBytes(32);
        await store.sessions.create(session("one", { kind: "wallet", wallet }), hash, NOW);
        expect(plain((await store.sessions.byToken(hash, NOW))?.wallet)).toEqual(wallet);
        await store.wallets.delete(wallet, "id of alice", null);
        expect(await store.sessions.byToken(hash, NOW)).toBeNull();
      });

      test("spend a challenge once", async () => {
        const challenge = randomBytes(32);
        const twice = [1, 2].map(() => store.sessions.spendChallenge(challenge, NOW + 1000, NOW));
        expect((await Promise.all(twice)).sort()).toEqual([false, true]);
        expect(await store.sessions.spendChallenge(randomBytes(32), NOW + 1000, NOW)).toBe(true);
      });
    });

    describe("wallets", () => {
      test("belong to who registered them", async () => {
        const id = await addWallet();
        await addUser("bob");
        const again = { id, publicKey: randomBytes(32), now: NOW };
        expect(await store.wallets.register({ ...again, userId: "id of alice" })).toBe("already");
        expect(await store.wallets.register({ ...again, userId: "id of bob" })).toBe("another-users");
        expect(await store.wallets.ofUser("id of bob")).toEqual([]);
        const [wallet] = await store.wallets.ofUser("id of alice");
        expect(wallet).toEqual(await store.wallets.byId(id));
        expect(wallet).toMatchObject({ userId: "id of alice", revision: 0, sha256: null, bytes: 0, createdAt: NOW });
      });

      test("are deleted by their user and hash, and keep their revision number for who comes next", async () => {
        const id = await addWallet();
        await addUser("bob");
        const commit = commitOf(id, 1, { chunks: chunksOf([1]) });
        await stored(commit);
        expect(await store.wallets.delete(id, "id of bob", commit.sha256)).toBe("gone");
        expect(await store.wallets.delete(id, "id of alice", null)).toBe("changed");
        expect(await store.wallets.delete(id, "id of alice", commit.sha256)).toBe("deleted");
        expect(await store.wallets.delete(id, "id of alice", commit.sha256)).toBe("gone");
        expect(await store.wallets.byId(id)).toBeNull();
        expect(await store.backups.read(id, 1)).toBeNull();
        expect(await store.chunks.read(id, ids(1))).toEqual([]);

        const again = { id, publicKey: randomBytes(32), userId: "id of bob", now: NOW + DAY };
        expect(await store.wallets.register(again)).toBe("registered");
        expect(await store.wallets.byId(id)).toMatchObject({
          revision: 1,
          sha256: null,
          bytes: 0,
          userId: "id of bob",
        });
        expect(await store.backups.chain(id, 0, 10)).toEqual([]);
        const replayed = await store.backups.commit({ ...commit, userId: "id of bob" });
        expect(replayed).toEqual({ kind: "conflict", revision: 1, sha256: null });
        await stored({ ...commit, userId: "id of bob", revision: 2 });
      });
    });

    describe("backups", () => {
      test("are read back, by number and as the latest", async () => {
        const wallet = await addWallet();
        expect(await store.backups.read(wallet, "latest")).toBeNull();
        await stored(commitOf(wallet, 1));
        await stored(commitOf(wallet, 2));
        const latest = await store.backups.read(wallet, "latest");
        expect(latest).toMatchObject({ revision: 2, storedAt: NOW + 2 });
        expect(plain(latest?.envelope)).toEqual(new Uint8Array(100).fill(2));
        expect(plain((await store.backups.read(wallet, 1))?.envelope)).toEqual(new Uint8Array(100).fill(1));
        expect(await store.backups.read(wallet, 3)).toBeNull();
      });

      test("list their history newest first and their chain oldest first, in parts", async () => {
        const wallet = await addWallet();
        for (const revision of [1, 2, 3]) await stored(commitOf(wallet, revision));
        const revisions = (rows: { revision: number }[]) => rows.map((row) => row.revision);
        expect(revisions(await store.backups.history(wallet, 100, 2))).toEqual([3, 2]);
        expect(revisions(await store.backups.history(wallet, 2, 2))).toEqual([1]);
        expect(revisions(await store.backups.chain(wallet, 0, 2))).toEqual([1, 2]);
        expect(revisions(await store.backups.chain(wallet, 3, 2))).toEqual([3]);
      });

      test("give the same receipt for the same revision, now and later", async () => {
        const wallet = await addWallet();
        const first = commitOf(wallet, 1);
        await stored(first);
        await stored(commitOf(wallet, 2));
        const repeated = await store.backups.commit({ ...first, now: NOW + DAY });
        expect(repeated).toMatchObject({ kind: "repeated", receipt: { revision: 1, storedAt: NOW + 1 } });
        expect((await store.wallets.byId(wallet))?.revision).toBe(2);
      });

      test.each<[string, Partial<Commit>]>([
        ["another envelope before", { after: sha256(new Uint8Array(1)) }],
        ["no envelope before", { after: null }],
        ["a gap after its base", { revision: 5 }],
        ["an older base", { base: 1 }],
        ["a base that is not there", { revision: 7, base: 6 }],
        ["a revision that was", { revision: 2, base: 0 }],
      ])("conflict over %s", async (_name, wrong) => {
        const wallet = await addWallet();
        await stored(commitOf(wallet, 1));
        await stored(commitOf(wallet, 2));
        const outcome = await store.backups.commit({ ...commitOf(wallet, 3), ...wrong });
        expect(outcome).toMatchObject({ kind: "conflict", revision: 2 });
        expect((await store.backups.chain(wallet, 0, 10)).length).toBe(2);
      });

      test("may skip revisions where they are whole", async () => {
        const wallet = await addWallet();
        await stored(commitOf(wallet, 1, { chunks: chunksOf([1, 2]) }));
        await stored(
          commitOf(wallet, 9, { base: 0, after: sha256(new Uint8Array(100).fill(1)), chunks: chunksOf([2, 3]) }),
        );
        expect(await idsAt(wallet, 9)).toEqual(ids(2, 3));
        expect(await idsAt(wallet, 1)).toEqual(ids(1, 2));
      });

      test("of another user's wallet, or of none, are nobody's", async () => {
        const wallet = await addWallet();
        expect(await store.backups.commit({ ...commitOf(wallet, 1), userId: "id of bob" })).toEqual({ kind: "gone" });
        expect(await store.backups.commit(commitOf(randomBytes(32), 1))).toEqual({ kind: "gone" });
      });

      test("need every chunk, and drop what is in use; else nothing of them stays", async () => {
        const wallet = await addWallet();
        await stored(commitOf(wallet, 1, { chunks: chunksOf([1]) }));
        const before = await store.wallets.byId(wallet);
        const lacking = await store.backups.commit(
          commitOf(wallet, 2, { add: ids(1, 2, 3), chunks: chunksOf([2]), drop: [] }),
        );
        expect(lacking).toEqual({ kind: "chunks-missing", ids: ids(3) });
        const strange = await store.backups.commit(commitOf(wallet, 2, { chunks: chunksOf([2]), drop: ids(3) }));
        expect(strange).toEqual({ kind: "chunks-not-in-use", ids: ids(3) });
        expect(await store.wallets.byId(wallet)).toEqual(before);
        expect(await store.chunks.read(wallet, ids(2))).toEqual([]);
      });

      test("by several writers at once are one after the other", async () => {
        const wallet = await addWallet();
        const racing = [1, 2, 3, 4].map((n) =>
          store.backups.commit(commitOf(wallet, 1, { envelope: randomBytes(60 + n) })),
        );
        const kinds = (await Promise.all(racing)).map((outcome: CommitOutcome) => outcome.kind);
        expect(kinds.sort()).toEqual(["conflict", "conflict", "conflict", "stored"]);
      });
    });

    describe("chunks", () => {
      test("are in use from the revision that adds them to the one that drops them", async () => {
        const wallet = await addWallet();
        await stored(commitOf(wallet, 1, { chunks: chunksOf([1, 2]) }));
        await stored(commitOf(wallet, 2, { chunks: chunksOf([3]), drop: ids(1) }));
        await stored(commitOf(wallet, 3, { add: ids(1), drop: ids(2) }));
        expect(await idsAt(wallet, 1)).toEqual(ids(1, 2));
        expect(await idsAt(wallet, 2)).toEqual(ids(2, 3));
        expect(await idsAt(wallet, 3)).toEqual(ids(1, 3));
      });

      test("that are added twice are in use once", async () => {
        const wallet = await addWallet();
        await stored(commitOf(wallet, 1, { chunks: chunksOf([1]) }));
        await stored(commitOf(wallet, 2, { add: ids(1) }));
        expect(await idsAt(wallet, 2)).toEqual(ids(1));
        expect((await store.wallets.byId(wallet))?.bytes).toBe(200);
      });

      test("count in a wallet's bytes while they are in use, at the size that they have", async () => {
        const wallet = await addWallet();
        const bytes = async () => (await store.wallets.byId(wallet))?.bytes;
        await store.chunks.put(wallet, "id of alice", chunksOf([1, 2], 500), NOW);
        expect(await bytes()).toBe(0);
        await stored(commitOf(wallet, 1, { add: ids(1, 2) }));
        expect(await bytes()).toBe(1100);
        await store.chunks.put(wallet, "id of alice", chunksOf([1], 700), NOW);
        expect(await bytes()).toBe(1300);
        await stored(commitOf(wallet, 2, { chunks: chunksOf([2], 400), drop: ids(1) }));
        expect(await bytes()).toBe(500);
        expect((await store.backups.history(wallet, 100, 10)).map((row) => row.bytes)).toEqual([500, 1100]);
        await stored(commitOf(wallet, 3, { base: 0, chunks: chunksOf([9]) }));
        expect(await bytes()).toBe(200);
      });

      test("are replaced by what is sent again", async () => {
        const wallet = await addWallet();
        await store.chunks.put(wallet, "id of alice", chunksOf([1], 100), NOW);
        await store.chunks.put(wallet, "id of alice", chunksOf([1], 300), NOW);
        const [chunk] = await store.chunks.read(wallet, ids(1));
        expect(plain(chunk?.sealed)).toEqual(chunksOf([1], 300)[0]?.sealed);
      });

      test("belong to one wallet, whose user alone puts them there", async () => {
        const [mine, yours] = [await addWallet(), await addWallet("bob")];
        expect(await store.chunks.put(mine, "id of bob", chunksOf([1]), NOW)).toBe(false);
        expect(await store.chunks.put(yours, "id of bob", chunksOf([1]), NOW)).toBe(true);
        expect(await store.chunks.read(mine, ids(1))).toEqual([]);
        const outcome = await store.backups.commit(commitOf(mine, 1, { add: ids(1) }));
        expect(outcome.kind).toBe("chunks-missing");
      });

      test("say which of them are there, and how large they are", async () => {
        const wallet = await addWallet();
        await store.chunks.put(wallet, "id of alice", [...chunksOf([1], 100), ...chunksOf([2], 300)], NOW);
        const found = await store.chunks.touch(wallet, ids(1, 2, 3), NOW + DAY);
        const sizes = ids(1, 2, 3).map((id) => found.get(Buffer.from(id).toString("hex")));
        expect(sizes.sort()).toEqual([100, 300, undefined]);
      });

      test("come in parts, ascending by id, and make up the size that was announced", async () => {
        const wallet = await addWallet();
        const all = chunksOf([1, 2, 3, 4, 5], 70_000 - 4_000);
        await stored(commitOf(wallet, 1, { chunks: [...all] }));
        const first = await store.chunks.ofRevision(wallet, 1, null, 2);
        const then = await store.chunks.ofRevision(wallet, 1, first[1]?.id ?? null, 10);
        expect([...first, ...then].map(({ id, sealed }) => ({ id: plain(id), sealed: plain(sealed) }))).toEqual(all);
        expect(await store.chunks.ofRevision(wallet, 1, then.at(-1)?.id ?? null, 10)).toEqual([]);
        const size = await store.chunks.sizeOfRevision(wallet, 1);
        expect(size).toEqual({ count: 5, itemBytes: 5 * (1 + 34 + 5 + 66_000) });
      });

      test("are those of the revision that is asked for, be it the current one or one before", async () => {
        const wallet = await addWallet();
        await stored(commitOf(wallet, 1, { chunks: chunksOf([1, 2], 100) }));
        await stored(commitOf(wallet, 2, { chunks: chunksOf([3], 200), drop: ids(1) }));
        await stored(commitOf(wallet, 3, { chunks: chunksOf([1], 300), drop: ids(2) }));
        for (const [revision, bytes, used] of [
          [1, [100, 300], ids(1, 2)],
          [2, [100, 200], ids(2, 3)],
          [3, [200, 300], ids(1, 3)],
        ] as const) {
          const chunks = await store.chunks.ofRevision(wallet, revision, null, 10);
          expect(chunks.map(({ id }) => plain(id))).toEqual(used);
          expect(chunks.map(({ sealed }) => sealed.length).sort()).toEqual(bytes);
          expect((await store.chunks.idsOfRevision(wallet, revision, null, 10)).map(plain)).toEqual(used);
          expect((await store.chunks.sizeOfRevision(wallet, revision)).count).toBe(2);
        }
      });
    });
  });
}
