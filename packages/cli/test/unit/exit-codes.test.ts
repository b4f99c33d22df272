import { readFileSync } from "node:fs";
import { CloudBackupError } from "@cloudbackup/core";
import { describe, expect, it } from "vitest";
import { InterruptedError, UsageError } from "../../src/errors.ts";
import { codeOf, EXIT, exitCodeOf } from "../../src/exit-codes.ts";

const read = (file: string) => readFileSync(new URL(`../../../../docs/${file}`, import.meta.url), "utf8");

describe("exitCodeOf", () => {
  const codes = [...read("errors.md").matchAll(/^### (ERR_CB_[A-Z_]+)$/gm)].map(([, code]) => code as string);
  const exitOf = (code: string) => exitCodeOf(new CloudBackupError(code, ""));

  it("is as docs/cli.md says", () => {
    const table = [...read("cli.md").matchAll(/^\| (\d+) \| ([^|]*) \| ([^|]*) \|$/gm)];
    expect(table.map(([, exit]) => Number(exit))).toEqual(
      expect.arrayContaining(Object.values(EXIT).filter((exit) => exit !== EXIT.ok)),
    );
    const said = new Map<string, number>();
    for (const [, exit, , list = ""] of table) {
      for (const [code] of list.matchAll(/ERR_CB_[A-Z_]+/g)) {
        expect(said.has(code), code).toBe(false);
        said.set(code, Number(exit));
      }
    }
    expect(said.size).toBeGreaterThan(25);
    for (const [code, exit] of said) {
      expect(codes, code).toContain(code);
      if (code !== "ERR_CB_INTERRUPTED") expect(exitOf(code), code).toBe(exit);
    }
    // What it does not name is of what was given.
    for (const code of codes) if (!said.has(code)) expect(exitOf(code), code).toBe(EXIT.invalid);
  });

  it("is that of a mistake for what is no error of these packages", () => {
    for (const error of [new TypeError("x"), undefined, "x", new CloudBackupError("ERR_CB_INTERNAL", "")]) {
      expect(exitCodeOf(error)).toBe(1);
    }
    expect(codeOf(Object.assign(new Error("x"), { code: "ENOENT" }))).toBe("ERR_CB_INTERNAL");
    expect(exitCodeOf(new InterruptedError(143))).toBe(143);
    expect(exitCodeOf(new UsageError("x"))).toBe(2);
  });
});
