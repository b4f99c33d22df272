import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDumpJson } from "@cloudbackup/core/interchange";
import { describe, expect, it } from "vitest";
import { dump, renamed, WORDS } from "../support/dumps.ts";
import { runPiped, Session, temporaryFolder } from "../support/program.ts";
import { startServer } from "../support/server.ts";
import { backedUp, USER } from "../support/wallet.ts";

describe("register", () => {
  it("says what the server does not accept", async () => {
    const server = await startServer({ activation: "none" });
    const register = (username: string, password: string) =>
      runPiped({
        args: ["register", server.url, "--username", username, "--email", "a@example.org", "--password-fd", "3"],
        descriptors: [password],
      });
    const refused = await register("No spaces", "short");
    expect(refused).toMatchObject({ code: 6, stdout: "" });
    expect(refused.stderr).toMatch(/^username: /m);
    expect(refused.stderr).not.toContain("body");
    expect(refused.stderr).not.toContain("short");
    const made = await register(USER.username, USER.password);
    expect(made.stdout).toContain("This server needs no activation.");
    const taken = await register(USER.username, USER.password);
    expect(taken.code).toBe(6);
  });

  it("has a form for programs, as activate and login have", async () => {
    const server = await startServer({ activation: "none" });
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await runPiped({
        args: [...args, "--json"],
        descriptors: [WORDS, USER.password],
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return JSON.parse(stdout);
    };
    const { username } = USER;
    const url = `${server.url}/`;
    expect(
      await run("register", server.url, "--username", username, "--email", "a@example.org", "--password-fd", "4"),
    ).toEqual({ username, server: url, activation: "none" });
    expect(await run("login", server.url, "--username", username, "--password-fd", "4", "--seed-fd", "3")).toEqual({
      username,
      server: url,
      wallet: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await run("history", "--server", server.url, "--seed-fd", "3")).toEqual({ revisions: [] });
    const none = await runPiped({ args: ["restore", server.url, "--seed-fd", "3"], descriptors: [WORDS] });
    expect(none).toMatchObject({ code: 4, stdout: "" });
    expect(none.stderr).toContain("knows the wallet, and has no backup of it yet");
    const spent = await runPiped({ args: ["activate", server.url, "--token-fd", "3", "--json"], descriptors: ["x"] });
    expect(spent.code).toBe(6);
  });
});

it("a server that is another one than before is not spoken to, until a person says so", async () => {
  const home = await temporaryFolder();
  const folder = await temporaryFolder();
  const run = (...args: string[]) =>
    runPiped({ args: [...args, "--seed-fd", "3"], descriptors: [WORDS], cwd: folder, env: { HOME: home } });
  const first = await startServer({ activation: "none" });
  await backedUp(first, [dump]);
  expect(await run("restore", first.url, "--out", "first.json")).toMatchObject({ code: 0 });
  const port = Number(new URL(first.url).port);
  await first.close();
  expect(await run("show")).toMatchObject({ code: 5, stdout: "" });

  const second = await startServer({ activation: "none", port });
  await backedUp(second, [renamed("Second")]);
  const json = await run("show", "--json");
  expect(json.code).toBe(10);
  const { error } = JSON.parse(json.stderr);
  expect(error).toMatchObject({ code: "ERR_CB_ANOTHER_REALM", found: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(await run("show", "--accept-realm", "0".repeat(32))).toMatchObject({ code: 10 });
  expect(await run("show", "--accept-realm", "no")).toMatchObject({ code: 2 });
  const accepted = await run("restore", "--accept-realm", error.found, "--out", "second.json");
  expect(accepted.code).toBe(0);
  expect(parseDumpJson(await readFile(join(folder, "second.json"), "utf8")).accounts[1]?.name).toBe("Second");
  expect(await run("show")).toMatchObject({ code: 0 });
});

describe("progress", () => {
  const many = {
    ...dump,
    labels: Array.from({ length: 12_000 }, (_, i) => ({
      type: "tx",
      ref: i.toString(16).padStart(64, "0"),
      label: `Payment ${(i * 7919).toString(36)} ${(i * 104_729).toString(36)}`,
    })),
  };

  it("is a bar at a terminal, gone when it is done", async () => {
    const server = await startServer({ activation: "none" });
    await backedUp(server, [many]);
    const session = await Session.start({ args: ["show", "--server", server.url] });
    await session.answer("Words:", WORDS);
    await session.shows("labels");
    expect(await session.ended).toBe(0);
    expect(session.text).toMatch(/(Fetching|Opening) [█░]+ \d+ % of \d\.\d MB/);
    // Hidden while there is a bar, and shown again.
    const last = (code: string) => session.output.lastIndexOf(code);
    expect(last("\u001b[?25h")).toBeGreaterThan(last("\u001b[?25l"));

    const piped = await runPiped({
      args: ["show", "--server", server.url, "--seed-fd", "3"],
      descriptors: [WORDS],
    });
    expect(piped).toMatchObject({ code: 0, stderr: "" });
  });
});
