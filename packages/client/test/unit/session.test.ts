import { inspect } from "node:util";
import { Redacted } from "@cloudbackup/core";
import { describe, expect, it } from "vitest";
import { BadResponseError, NotSignedInError } from "../../src/errors.ts";
import { type Session, SessionKeeper, sessionOf } from "../../src/session.ts";
import { memoryStorage } from "../../src/storage.ts";
import { errorOf, wordsOf } from "../support/errors.ts";

const TOKEN = "kq3nqZ8Zr2J7m1c0bTtYxW4pLs9fHdGv";
const session: Session = { kind: "user", username: "alice", walletId: undefined, token: new Redacted(TOKEN) };
const seedSession: Session = { ...session, kind: "wallet", walletId: "ab".repeat(32) };

describe("the answer to a sign-in", () => {
  it("is a session of a user, or of one wallet", () => {
    const json = { token: TOKEN, username: "alice", expiresAt: "2026-01-01T00:00:00Z" };
    expect(sessionOf(json, { username: "alice" })).toMatchObject({
      kind: "user",
      username: "alice",
      walletId: undefined,
    });
    expect(sessionOf(json, { walletId: "ab" })).toMatchObject({ kind: "wallet", username: "alice", walletId: "ab" });
    expect(sessionOf(json, { username: "alice" }).token.reveal()).toBe(TOKEN);
  });

  it.each([`${TOKEN}\r\nx-evil: 1`, "", "with space", "schlüssel", 7])(
    "is refused with the token %j, which is not repeated",
    async (token) => {
      const error = await errorOf(Promise.resolve().then(() => sessionOf({ token }, { username: "alice" })));
      expect(error).toBeInstanceOf(BadResponseError);
      expect(wordsOf(error)).not.toContain(TOKEN);
    },
  );
});

describe("a session", () => {
  it("is printed without its token", async () => {
    const keeper = new SessionKeeper(memoryStorage());
    await keeper.set(session);
    const printed = [
      inspect(session),
      JSON.stringify(session),
      `${session.token}`,
      inspect(keeper, { depth: 9, showHidden: true }),
      JSON.stringify(keeper),
    ];
    expect(printed.join("\n")).not.toContain(TOKEN);
    expect(printed.join("\n")).toContain("<redacted>");
  });

  it("is kept by a confidential storage, whole, for the next process", async () => {
    const storage = memoryStorage();
    for (const kept of [session, seedSession]) {
      await new SessionKeeper(storage).set(kept);
      const found = await new SessionKeeper(storage).need();
      expect(found).toMatchObject({ kind: kept.kind, username: "alice", walletId: kept.walletId });
      expect(found.token.reveal()).toBe(TOKEN);
    }
    await new SessionKeeper(storage).set(null);
    expect(await storage.keys("")).toEqual([]);
  });

  it("is kept by nothing else", async () => {
    const keeper = new SessionKeeper(undefined);
    await keeper.set(session);
    expect((await keeper.need()).token.reveal()).toBe(TOKEN);
    await expect(new SessionKeeper(undefined).need()).rejects.toThrow(NotSignedInError);
  });

  it.each([
    "",
    "{",
    "null",
    "[]",
    JSON.stringify({ token: TOKEN }),
    JSON.stringify({ kind: "wallet", username: "a", token: TOKEN }),
    `{"token":"${TOKEN}`,
  ])("that cannot be read counts as absent: %.30s", async (kept) => {
    const storage = memoryStorage();
    await storage.set("session", new TextEncoder().encode(kept));
    expect(await new SessionKeeper(storage).get()).toBeNull();
  });

  it("is looked for again where the storage failed", async () => {
    const storage = memoryStorage();
    await new SessionKeeper(storage).set(session);
    let failures = 1;
    const flaky = {
      ...storage,
      get: (key: string) => (failures-- > 0 ? Promise.reject(new Error("busy")) : storage.get(key)),
    };
    const keeper = new SessionKeeper(flaky);
    await expect(keeper.get()).rejects.toThrow("busy");
    expect(await keeper.get()).toMatchObject({ username: "alice" });
  });

  it("of a sign-in is not replaced by an older one that is still being read", async () => {
    const storage = memoryStorage();
    await new SessionKeeper(storage).set({ ...session, username: "old" });
    const keeper = new SessionKeeper(storage);
    const reading = keeper.get();
    await Promise.all([keeper.set(session), reading]);
    expect((await keeper.need()).username).toBe("alice");
    const leaving = new SessionKeeper(storage);
    await Promise.all([leaving.get(), leaving.set(null)]);
    expect(await leaving.get()).toBeNull();
  });
});
