import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { WORDS } from "../support/dumps.ts";
import { runPiped } from "../support/program.ts";

const XPRV =
  "xprv9s21ZrQH143K3GJpoapnV8SFfukcVBSfeCficPSGfubmSFDxo1kuHnLisriDvSnRRuL2Qrg5ggqHKNVpxR86QEC8w35uxmGoggxtQTPvfUu";

describe("a seed among the arguments", () => {
  it.each([
    ["words one by one", ["restore", ...WORDS.split(" ")]],
    ["words in one", ["seed", "check", WORDS]],
    ["words of an option", ["restore", `--seed=${WORDS}`]],
    ["words where a command should be", WORDS.split(" ")],
    ["a seed in hex", ["restore", "000102030405060708090a0b0c0d0e0f"]],
    ["a root key", ["restore", XPRV]],
  ])("is refused, and not repeated: %s", async (_, args) => {
    for (const more of [[], ["--json"]]) {
      const { code, stdout, stderr } = await runPiped({ args: [...args, ...more] });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain("history");
      expect(stderr).not.toMatch(/legal|sausage|000102|xprv/);
    }
  });

  it("is not looked for in the environment", async () => {
    const names = ["SEED", "CLOUDBACKUP_SEED", "CLOUDBACKUP_WORDS", "CLOUDBACKUP_MNEMONIC", "MNEMONIC"];
    const env = Object.fromEntries(names.map((name) => [name, WORDS]));
    expect(await runPiped({ args: ["seed", "check"], env })).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("arguments that the program does not know", () => {
  it.each([
    ["a command", ["abandon"], "no such command"],
    ["an option", ["restore", "--seed=abandon"], "Unknown option '--seed'"],
    ["too many", ["seed", "check", "abandon"], "never arguments"],
    ["a missing one", ["backup"], "file"],
    ["a missing option", ["export"], "--out"],
    ["a format", ["show", "--format", "pdf"], "json"],
    ["a count of words", ["seed", "new", "--words", "13"], "12, 15, 18, 21, 24"],
    ["a descriptor", ["show", "--seed-fd", "x"], "file descriptor"],
    ["a language", ["seed", "check", "--language", "klingon"], "english"],
    ["a file that is none", ["restore", "--out", "-"], "--format"],
    ["a file without a name", ["export", "--out", ""], "needs a file"],
    ["a revision", ["show", "--revision", "0"], "from 1"],
  ])("are refused without repeating what could be a word: %s", async (_, args, hint) => {
    const { code, stdout, stderr } = await runPiped({ args });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain("abandon");
    const json = await runPiped({ args: [...args, "--json"] });
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: "ERR_CB_USAGE" }, exitCode: 2 });
  });
});

describe("help", () => {
  it("lists every command, each with help that has examples", async () => {
    const { code, stdout, stderr } = await runPiped({ args: ["--help"] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const commands = [
      "restore",
      "register",
      "activate",
      "login",
      "backup",
      "show",
      "history",
      "verify",
      "export",
      "open",
    ];
    const seed = await runPiped({ args: ["seed", "--help"] });
    for (const name of [...commands, "seed"]) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    for (const name of ["new", "check"]) expect(seed.stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    for (const command of [...commands.map((name) => [name]), ["seed", "new"], ["seed", "check"]]) {
      const help = await runPiped({ args: [...command, "--help"] });
      expect(help).toMatchObject({ code: 0, stderr: "" });
      expect(help.stdout).toMatch(/^Examples:\n {2}.*cloudbackup /m);
    }
  });

  it("is what stands there where a command is missing", async () => {
    expect(await runPiped({ args: [] })).toMatchObject({ code: 2, stdout: "" });
  });

  it("has the version", async () => {
    expect(await runPiped({ args: ["--version"] })).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: "" });
  });
});
