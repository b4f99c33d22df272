import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { root } from "../scripts/setup.mjs";
import { ServerProgram } from "./program.ts";
import { Place } from "./react-native/hermes.ts";

/** The story with the packages as they are installed, for an app's bundler, in one script. */
let script: string;
/** The first column of the document's table of globals. */
let documented: string[];

beforeAll(async () => {
  const made = await build({
    absWorkingDir: root,
    entryPoints: [join(root, "e2e/react-native/story.ts")],
    nodePaths: [join(root, "examples/quickstart/node_modules")],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "app",
    platform: "browser",
    conditions: ["react-native"],
    target: "es2022",
    logLevel: "silent",
    tsconfigRaw: {},
  });
  script = made.outputFiles[0]?.text as string;
  const document = await readFile(join(root, "docs/react-native.md"), "utf8");
  documented = [...document.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name as string);
});

async function startServer(): Promise<string> {
  const server = ServerProgram.launch("unused", {
    args: ["dev"],
    env: { CLOUDBACKUP_ACTIVATION: "none", CLOUDBACKUP_LOG_LEVEL: "error" },
  });
  onTestFinished(async () => {
    await server.stop();
  });
  return server.listening();
}

/** @param urls of two servers */
async function play(place: Place, urls: readonly string[], username: string): Promise<unknown> {
  place.run(script);
  return place.run(`app.story(${[...urls, username].map((text) => JSON.stringify(text)).join()})`);
}

/** Of an error and what caused it. */
const messagesOf = (error: unknown): string[] => {
  const { message = String(error), cause } = (error ?? {}) as Partial<Error>;
  return [message, ...(cause ? messagesOf(cause) : [])];
};

it("backs up and restores with the globals that docs/react-native.md names, and uses each of them", async () => {
  const place = new Place(documented);
  expect(await play(place, [await startServer(), await startServer()], "hodler21")).toEqual({
    restored: "Für später 🔑",
    verified: true,
    copied: true,
    aborted: "AbortError",
  });
  expect([...place.used].sort()).toEqual([...documented].sort());
});

it("would show a global that is missing there", async () => {
  const urls = [await startServer(), await startServer()];
  for (const missing of documented) {
    const place = new Place(documented.filter((name) => name !== missing));
    const error = await play(place, urls, `without-${missing.toLowerCase()}`).catch((error: unknown) => error);
    expect(messagesOf(error).join("\n")).toMatch(new RegExp(`\\b${missing} is not (defined|a function)`));
  }
});
