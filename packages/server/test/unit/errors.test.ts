import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { PROBLEMS, type ProblemCode, ProblemError, problemBody } from "../../src/errors.ts";

const codes = Object.keys(PROBLEMS) as ProblemCode[];
const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

async function textsOf(path: string): Promise<{ name: string; text: string }[]> {
  const names = (await readdir(path, { recursive: true })).filter((name) => name.endsWith(".ts"));
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(path, name), "utf8") })));
}

/** Sections of docs/errors.md under "HTTP problems", by heading. */
async function documented(): Promise<Map<string, string>> {
  const text = await readFile(folder("../../../../docs/errors.md"), "utf8");
  const [, part = ""] = text.split(/^## HTTP problems$/m);
  const [http = ""] = part.split(/^## /m);
  return new Map(
    http
      .split(/^### /m)
      .slice(1)
      .map((section) => {
        const [heading = "", ...rest] = section.split("\n");
        return [heading.trim(), rest.join("\n").trim()] as const;
      }),
  );
}

test("there are 29 codes, in order, each of one spelling", () => {
  expect(codes).toHaveLength(29);
  expect(codes).toEqual([...codes].sort());
  for (const code of codes) expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

test("each is used by the server, and seen by a test", async () => {
  const sources = (await textsOf(folder("../../src"))).filter(({ name }) => name !== "errors.ts");
  const tests = (await textsOf(folder(".."))).filter(({ name }) => !name.endsWith("errors.test.ts"));
  const mentions = (texts: { text: string }[], code: string) => texts.some(({ text }) => text.includes(`"${code}"`));
  expect(codes.filter((code) => !mentions(sources, code))).toEqual([]);
  expect(codes.filter((code) => !mentions(tests, code))).toEqual([]);
});

test("docs/errors.md explains each, and no other, with its status", async () => {
  const sections = await documented();
  expect([...sections.keys()]).toEqual(codes);
  for (const [code, text] of sections) {
    const { status, retryable } = PROBLEMS[code as ProblemCode];
    expect(text.startsWith(`${status}`), code).toBe(true);
    expect(text.includes("*retry*"), code).toBe(retryable);
  }
});

test("a problem says what it is, and hides what a 5xx is about", () => {
  const conflict = new ProblemError("revision-conflict", "The current revision is 7", {
    members: { currentRevision: 7 },
  });
  expect(problemBody(conflict, "abc")).toEqual({
    type: "urn:cloudbackup:problem:revision-conflict",
    title: "The wallet's current backup is another one",
    status: 409,
    code: "revision-conflict",
    detail: "The current revision is 7",
    requestId: "abc",
    currentRevision: 7,
  });
  expect(problemBody(new ProblemError("internal", "a secret of the database"), "abc")).not.toHaveProperty("detail");
});
