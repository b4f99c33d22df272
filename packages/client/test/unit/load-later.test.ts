import { expect, it, vi } from "vitest";
import { UnreachableError } from "../../src/errors.ts";
import { loadLater } from "../../src/load-later.ts";

const page = vi.hoisted(() => ({ isDeployedAnew: true }));
vi.mock("../../src/later.ts", async (importOriginal) => {
  if (page.isDeployedAnew) throw new TypeError("Failed to fetch dynamically imported module");
  return importOriginal();
});

it("says that a part cannot be loaded, as what may work again", async () => {
  await expect(loadLater()).rejects.toSatisfy(
    (error) => error instanceof UnreachableError && error.retryable && error.cause instanceof Error,
  );
});

it("loads what few calls need, once it can", async () => {
  page.isDeployedAnew = false;
  vi.resetModules();
  expect(Object.keys(await loadLater())).toContain("compareWithBackup");
});
