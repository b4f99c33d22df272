import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { FileError } from "../../src/errors.ts";
import type { Io } from "../../src/io.ts";
import { defaultFolder, openState } from "../../src/state.ts";

const at = (env: Record<string, string>, platform = "linux") => defaultFolder({ env, homeDir: "/home/ann", platform });

it("is kept where the platform keeps such things", () => {
  expect(at({})).toBe("/home/ann/.local/state/cloudbackup");
  expect(at({ XDG_STATE_HOME: "/var/ann" })).toBe("/var/ann/cloudbackup");
  // To be ignored, says the specification.
  expect(at({ XDG_STATE_HOME: "relative" })).toBe("/home/ann/.local/state/cloudbackup");
  expect(at({ LOCALAPPDATA: "/data" }, "win32")).toBe("/data/cloudbackup");
});

it("is a folder for its owner alone, made where it is missing, or nothing at all", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cloudbackup-state-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const io = { env: {}, homeDir: folder, platform: "linux" } as unknown as Io;
  const none = await openState(io, { state: false });
  await none.rememberServer("https://backup.example/");
  expect(await none.server()).toBe("https://backup.example/");
  expect(await readdir(folder)).toEqual([]);

  const state = await openState(io, { state: join(folder, "a", "b") });
  expect(await state.server()).toBeUndefined();
  await state.rememberServer("https://backup.example/");
  expect((await stat(join(folder, "a", "b"))).mode & 0o777).toBe(0o700);
  expect(await (await openState(io, { state: join(folder, "a", "b") })).server()).toBe("https://backup.example/");
  await expect(openState(io, { state: "/dev/null/x" })).rejects.toThrow(FileError);
});
