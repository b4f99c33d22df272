import type { RecordReport, VerifyReport } from "@cloudbackup/client";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { count, dateText } from "../dump-report.ts";
import { DiffersError } from "../errors.ts";
import { withProgress } from "../progress.ts";
import { readDump } from "../read-dump.ts";
import { type SeedOptions, withSeedOptions } from "../read-seed.ts";
import { type ServerOptions, withServerOptions } from "../server.ts";
import { withWallet } from "../wallet.ts";
import { command, type Run } from "./command.ts";

export function verifyCommand(run: Run): Command {
  const verify = command("verify [file]", {
    summary: "a restore drill: fetches the latest backup, opens it, and compares it with a file",
    more: "Without a file it says whether the backup is whole and opens. With one, the exit code is 11 where they differ. Changes nothing.",
    examples: ["cloudbackup verify", "cloudbackup verify wallet.json"],
  });
  run(
    withServerOptions(withSeedOptions(verify)),
    async (context, options: SeedOptions & ServerOptions, file?: string) => {
      const dump = file === undefined ? undefined : await readDump(context, file);
      await withWallet(context, options, undefined, async ({ wallet }) => {
        const { output, io } = context;
        if (!dump) {
          const found = await withProgress(context, (onProgress) => wallet.restore({ onProgress, signal: io.stop }));
          const { revision, gen, at, device } = found;
          output.result({ ok: true, revision, gen, writtenAt: at.toISOString(), device, sections: null }, [
            `Revision ${revision}, written ${dateText(at)}, is whole and opens.`,
          ]);
          return;
        }
        const report = await withProgress(context, (onProgress) =>
          wallet.verify(dump, { onProgress, signal: io.stop }),
        );
        tell(context, report);
        if (!report.ok) throw new DiffersError("The backup is not what the file says (see above)");
      });
    },
  );
  return verify;
}

function tell({ output }: Context, report: VerifyReport): void {
  const { ok, revision, gen, writtenAt, device, sections } = report;
  const rows = sections.map(({ name, outcome, counts }) => [
    name,
    outcome === "carried" ? "not in the file" : outcome,
    counts ? String(counts.dump) : "",
    counts ? String(counts.backup) : "",
  ]);
  const records = sections.flatMap(({ name, records, more }) => [
    ...records.map((record) => [
      name,
      record.name ?? record.id,
      OUTCOMES[record.outcome],
      record.keys.join(", "),
      newerText(record),
    ]),
    ...(more > 0 ? [[name, `… and ${count(more, "record")} more`, "", "", ""]] : []),
  ]);
  output.result({ ok, revision, gen, writtenAt: writtenAt.toISOString(), device, sections }, [
    `Revision ${revision}, written ${dateText(writtenAt)}, is whole and opens${ok ? ", and holds what the file does." : "."}`,
    "",
    ...output.table(["Section", "Outcome", "In the file", "In the backup"], rows),
    ...(records.length > 0
      ? ["", ...output.table(["Section", "Record", "Outcome", "Differs in", "Newer"], records)]
      : []),
  ]);
}

const OUTCOMES = { missing: "not in the backup", extra: "not in the file", differs: "differs" } as const;

function newerText({ newer }: RecordReport): string {
  if (newer === undefined) return "";
  return newer === "dump" ? "the file" : "the backup";
}
