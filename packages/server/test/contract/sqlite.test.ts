import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { storeSuite } from "./store-suite.ts";

storeSuite("SQLite in memory", async () => ({
  store: await openSqliteStore(":memory:", { randomBytes }),
  remove: async () => {},
}));

storeSuite("SQLite on disk", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cloudbackup-store-"));
  return {
    store: await openSqliteStore(join(folder, "test.sqlite"), { randomBytes }),
    remove: () => rm(folder, { recursive: true }),
  };
});
