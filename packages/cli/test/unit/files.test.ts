import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { FileError, UsageError } from "../../src/errors.ts";
import { assertWritable, readWhole, writeWhole } from "../../src/files.ts";

let folder: string;
const never = new AbortController().signal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudbackup-files-"));
  onTestFinished(() => rm(folder, { recursive: true }));
});

const file = (name: string) => join(folder, name);

describe("writeWhole", () => {
  it("writes for the owner alone, and leaves nothing beside", async () => {
    await writeWhole(file("a"), "text", { force: false, signal: never });
    expect(await readFile(file("a"), "utf8")).toBe("text");
    expect((await stat(file("a"))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["a"]);
  });

  it("writes over nothing that came to be meanwhile", async () => {
    await writeFile(file("a"), "mine");
    await expect(writeWhole(file("a"), "text", { force: false, signal: never })).rejects.toThrow("--force");
    await symlink(file("nowhere"), file("link"));
    await expect(writeWhole(file("link"), "text", { force: false, signal: never })).rejects.toThrow("--force");
    expect(await readFile(file("a"), "utf8")).toBe("mine");
    expect((await readdir(folder)).sort()).toEqual(["a", "link"]);
    await writeWhole(file("a"), "text", { force: true, signal: never });
    expect(await readFile(file("a"), "utf8")).toBe("text");
  });

  it("leaves nothing where it is aborted, or fails", async () => {
    const aborted = AbortSignal.abort(new Error("enough"));
    await expect(writeWhole(file("a"), "text", { force: false, signal: aborted })).rejects.toThrow("enough");
    await expect(writeWhole(file("b/c"), "text", { force: false, signal: never })).rejects.toThrow(FileError);
    await mkdir(file("d"));
    await expect(writeWhole(file("d"), "text", { force: true, signal: never })).rejects.toThrow(FileError);
    expect(await readdir(folder)).toEqual(["d"]);
  });
});

describe("assertWritable", () => {
  it("says before the work what would be in vain", async () => {
    await writeFile(file("a"), "");
    await expect(assertWritable(file("a"), { force: false })).rejects.toThrow("is there already");
    await assertWritable(file("a"), { force: true });
    await assertWritable(file("b"), { force: false });
    await expect(assertWritable(folder, { force: true })).rejects.toThrow("is no file");
    await expect(assertWritable(file("x/y"), { force: false })).rejects.toThrow("folder");
    await expect(assertWritable(file("a/y"), { force: false })).rejects.toThrow(FileError);
    for (const name of ["", "-", "a\0b"]) {
      await expect(assertWritable(name, { force: true })).rejects.toThrow(UsageError);
    }
  });
});

describe("readWhole", () => {
  it("says in a word why a file cannot be read", async () => {
    await expect(readWhole(file("a"), never)).rejects.toThrow("cannot be read: it is not there");
    await expect(readWhole(folder, never)).rejects.toThrow("it is a folder");
    await expect(readWhole(file("a"), AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  });
});
