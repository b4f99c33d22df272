import { readFileSync } from "node:fs";
import { CloudBackupError } from "@cloudbackup/core";
import { describe, expect, it } from "vitest";
import { InterruptedError, UsageError } from "../../src/errors.ts";
import { codeOf, EXIT, exitCodeOf } from "../../src/exit-codes.ts";

const read = (file: string) => readFileSync(new URL(`../../../../docs/${file}`, import.meta.url), "utf8");

/** Of a browser, of a server's program, or of several servers at once: the command meets none of them. */
const NOT_OURS = ["ERR_CB_STORAGE_FULL", "ERR_CB_QUORUM", "ERR_CB_CONFIG", "ERR_CB_LISTEN", "ERR_CB_INTERNAL"];

describe("exitCodeOf", () => {
  const codes = [...read("errors.md").matchAll(/^### (ERR_CB_[A-Z_]+)$/gm)].map(([, code]) => code as string);
  const ofServer = read("errors.md").split("## Errors of the server's program")[1] ?? "";

  it("knows every code that docs/errors.md explains", () => {
    expect(codes.length).toBeGreaterThan(30);
    const unknown = codes
      .filter((code) => !NOT_OURS.includes(code) && code !== "ERR_CB_INTERRUPTED" && !ofServer.includes(code))
      .filter((code) => exitCodeOf(new CloudBackupError(code, "")) === EXIT.internal);
    expect(unknown).toEqual([]);
  });

  it("is as docs/cli.md says", () => {
    const table = [...read("cli.md").matchAll(/^\| (\d+) \| (`ERR_CB_[^|]*) \|/gm)];
    expect(table.length).toBeGreaterThan(8);
    for (const [, exit, list = ""] of table) {
      for (const [code] of list.matchAll(/ERR_CB_[A-Z_]+/g)) {
        expect(`${code} ${exitCodeOf(new CloudBackupError(code, ""))}`).toBe(`${code} ${exit}`);
      }
    }
    const said = table.flatMap(([, , list = ""]) => list.match(/ERR_CB_[A-Z_]+/g) ?? []);
    expect(new Set(said).size).toBe(said.length);
    const missing = codes.filter(
      (code) => !said.includes(code) && !NOT_OURS.includes(code) && !ofServer.includes(code),
    );
    expect(missing).toEqual(["ERR_CB_INTERRUPTED"]);
  });

  it("is that of a mistake for all else", () => {
    for (const error of [new TypeError("x"), undefined, "x", new CloudBackupError("ERR_CB_UNHEARD_OF", "")]) {
      expect(exitCodeOf(error)).toBe(1);
    }
    expect(codeOf(Object.assign(new Error("x"), { code: "ENOENT" }))).toBe("ERR_CB_INTERNAL");
    expect(exitCodeOf(new InterruptedError(143))).toBe(143);
    expect(exitCodeOf(new UsageError("x"))).toBe(2);
  });
});
