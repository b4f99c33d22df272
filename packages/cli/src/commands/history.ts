import type { Command } from "commander";
import { dateText } from "../dump-report.ts";
import { type SeedOptions, withSeedOptions } from "../read-seed.ts";
import { type ServerOptions, withServerOptions } from "../server.ts";
import { withWallet } from "../wallet.ts";
import { command, type Run } from "./command.ts";

export function historyCommand(run: Run): Command {
  const history = withSeedOptions(
    command("history", {
      summary: "lists the revisions that the server keeps, newest first",
      examples: ["cloudbackup history", "cloudbackup history --json"],
    }),
  );
  run(withServerOptions(history), async (context, options: SeedOptions & ServerOptions) => {
    await withWallet(context, options, undefined, async ({ wallet }) => {
      const entries = await wallet.history({ signal: context.io.stop });
      const rows = entries.map(({ revision, storedAt, bytes, sha256 }) => [
        String(revision),
        dateText(storedAt),
        String(bytes),
        sha256.slice(0, 16),
      ]);
      context.output.result(
        { revisions: entries.map(({ storedAt, ...entry }) => ({ ...entry, storedAt: storedAt.toISOString() })) },
        entries.length === 0
          ? ["There is no backup yet."]
          : context.output.table(["Revision", "Stored", "Bytes", "SHA-256"], rows),
      );
    });
  });
  return history;
}
