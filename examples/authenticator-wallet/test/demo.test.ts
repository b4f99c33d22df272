import { expect, test, vi } from "vitest";
import { main } from "../src/demo/main.ts";

async function run(...args: string[]): Promise<{ code: number; text: string }> {
  let text = "";
  const code = await main(args, {
    write(piece) {
      text += piece;
    },
  });
  return { code, text };
}

test("the story ends well, and its four failures are told apart", async () => {
  const { code, text } = await run("--json");
  const report = JSON.parse(text);
  expect(report).toMatchObject({ ok: true });
  expect(code).toBe(0);

  const step = (id: string) => report.steps.find((step: { id: string }) => step.id === id);
  expect(step("wallet")).toMatchObject({ labels: 303 });
  expect(step("backup")).toMatchObject({ revision: 1 });
  expect(step("unchanged")).toMatchObject({ bytesSent: 0 });
  expect(step("auto-backup").bytesSent).toBeLessThan(step("backup").bytesSent / 4);
  for (const id of ["second-restore", "third-restore"]) {
    expect(step(id)).toMatchObject({ revision: 2, accounts: 5, labels: 303, addresses: 320 });
  }
  expect(report.problems.map((problem: { code: string }) => problem.code)).toEqual([
    "ERR_CB_NO_WALLET",
    "ERR_CB_BAD_CREDENTIALS",
    "ERR_CB_UNREACHABLE",
    "ERR_CB_TAMPERED",
  ]);
  for (const { message, advice } of report.problems) {
    expect(message).not.toBe("");
    expect(advice).not.toBe("");
  }
});

test("an unknown option is explained, and nothing is started", async () => {
  const { code, text } = await run("--yaml");
  expect(code).toBe(2);
  expect(text).toContain("--yaml");
  expect(text).toContain("Usage: demo [--json]");
});

test("what goes wrong is a sentence, and exit code 1", async () => {
  for (const name of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(name, "/nowhere/at/all");
  try {
    const { code, text } = await run();
    expect(code).toBe(1);
    expect(text).toMatch(/The demo failed: .*no such file or directory.*\n\n$/);
  } finally {
    vi.unstubAllEnvs();
  }
});
