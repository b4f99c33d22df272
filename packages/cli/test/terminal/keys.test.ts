import { describe, expect, it } from "vitest";
import { dump, WORDS } from "../support/dumps.ts";
import { Session } from "../support/program.ts";
import { startServer } from "../support/server.ts";
import { backedUp } from "../support/wallet.ts";

describe("keys at a question", () => {
  it.each([
    ["Ctrl-D", "\u0004"],
    ["Ctrl-\\", "\u001c"],
    ["Escape", "\u001b"],
  ])("%s ends the program as Ctrl-C does", async (_, key) => {
    const session = await Session.start({ args: ["seed", "check"] });
    await session.shows("Words:");
    session.type("legal");
    session.type(key);
    expect(await session.ended).toBe(130);
  });

  it("Ctrl-Z does nothing", async () => {
    const session = await Session.start({ args: ["seed", "check"] });
    await session.shows("Words:");
    session.type("\u001a");
    session.enter(WORDS);
    await session.shows("These 12 words are valid (english).");
    expect(await session.ended).toBe(0);
  });

  it("are not shown either when the program is stopped from elsewhere, and goes on", async () => {
    const session = await Session.start({ args: ["seed", "check"] });
    await session.shows("Words:");
    process.kill(session.pid, "SIGSTOP");
    process.kill(session.pid, "SIGCONT");
    session.enter(WORDS);
    await session.shows("These 12 words are valid (english).");
    expect(await session.ended).toBe(0);
    expect(session.output).not.toContain("winner");
  });

  it("take back what was typed, and move in it", async () => {
    const session = await Session.start({ args: ["seed", "check"] });
    await session.shows("Words:");
    const [first = "", ...rest] = WORDS.split(" ");
    // Backspace, Ctrl-U, to the beginning by Home.
    session.type("nonsensex\u007f\u0015");
    session.type(rest.join(" "));
    session.type("\u001b[H");
    session.type(`${first} `);
    session.enter("");
    await session.shows("These 12 words are valid (english).");
    expect(await session.ended).toBe(0);
    expect(session.output).not.toMatch(/winner|nonsense/);
  });

  it("of a paste that a terminal brackets are words", async () => {
    const session = await Session.start({ args: ["seed", "check"] });
    await session.shows("Words:");
    session.type(`\u001b[200~${WORDS}\u001b[201~`);
    session.enter("");
    await session.shows("These 12 words are valid (english).");
    expect(await session.ended).toBe(0);
  });

  it("are not shown where they come before a question, or while the program works", async () => {
    const server = await startServer({ activation: "none" });
    await backedUp(server, [dump]);
    const hold = server.hold("GET", /\/backups\/latest/);
    const session = await Session.start({ args: ["show", "--server", server.url] });
    await session.shows("Words:");
    session.type(`${WORDS}\r${WORDS}\r`);
    await session.shows("All 24 words are known");
    session.type(`${WORDS}\r`);
    await hold.arrived;
    session.type("winner\r");
    // It has come where the program has heard what came after it.
    session.interrupt();
    expect(await session.ended).toBe(130);
    hold.release();
    expect(session.output).not.toContain("winner");
  });
});
