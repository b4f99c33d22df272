import { expect, it, vi } from "vitest";
import { type AutoStatus, StatusBoard } from "../../src/auto-status.ts";
import { settle } from "../support/fake-clock.ts";

const status = (state: AutoStatus["state"], more: Partial<AutoStatus> = {}): AutoStatus => ({
  state,
  storedAt: undefined,
  unsavedSince: undefined,
  progress: undefined,
  error: undefined,
  retryAt: undefined,
  receipt: undefined,
  ...more,
});

it("tells each status once, and one that is the same not again", () => {
  const tell = vi.fn();
  const board = new StatusBoard(status("dirty"), tell);
  board.show(status("dirty"));
  expect(tell).not.toHaveBeenCalled();
  board.show(status("failed", { retryAt: new Date(5) }));
  board.show(status("failed", { retryAt: new Date(5) }));
  board.show(status("failed", { retryAt: new Date(6) }));
  expect(tell.mock.calls.map(([{ retryAt }]) => retryAt.getTime())).toEqual([5, 6]);
});

it("gives a slow reader the latest, and nothing older", async () => {
  const board = new StatusBoard(status("dirty"), undefined);
  const reader = board.iterate();
  expect(await reader.next()).toMatchObject({ value: { state: "dirty" } });
  for (const state of ["saving", "failed", "overdue"] as const) board.show(status(state));
  expect(await reader.next()).toMatchObject({ done: false, value: { state: "overdue" } });
  const next = reader.next();
  board.show(status("saving"));
  expect(await next).toMatchObject({ value: { state: "saving" } });
});

it("gives readers that ask twice at once one after the other", async () => {
  const board = new StatusBoard(status("dirty"), undefined);
  const reader = board.iterate();
  const asked = [reader.next(), reader.next(), reader.next()];
  await settle();
  board.show(status("saving"));
  await settle();
  board.show(status("closed"));
  expect(await Promise.all(asked)).toMatchObject(
    ["dirty", "saving", "closed"].map((state) => ({ done: false, value: { state } })),
  );
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

it("lets a reader go that has enough", async () => {
  const board = new StatusBoard(status("dirty"), undefined);
  const reader = board.iterate();
  await reader.next();
  expect(await reader.return(undefined)).toEqual({ done: true, value: undefined });
  board.show(status("saving"));
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

it("tells a reader that comes after the end of it, once", async () => {
  const board = new StatusBoard(status("dirty"), undefined);
  board.show(status("closed"));
  const seen: string[] = [];
  for await (const { state } of { [Symbol.asyncIterator]: () => board.iterate() }) seen.push(state);
  expect(seen).toEqual(["closed"]);
});
