import { type BackupReceipt, type Dump, NoWalletError, type WalletBackup } from "@cloudbackup/client";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { dateText } from "../dump-report.ts";
import { withProgress } from "../progress.ts";
import { readDump } from "../read-dump.ts";
import { type SeedCandidate, type SeedOptions, withSeedOptions } from "../read-seed.ts";
import { openServer, type ServerOptions, withServerOptions } from "../server.ts";
import { signInByPassword, type UserOptions, withUserOptions } from "../user.ts";
import { onlyOne, signIn, useWallet, withSeed } from "../wallet.ts";
import { command, type Run } from "./command.ts";

type BackupOptions = SeedOptions & ServerOptions & UserOptions & { replace?: boolean; allowShrink?: boolean };

export function backupCommand(run: Run): Command {
  const backup = command("backup <file>", {
    summary: "backs a dump up: a file as restore --out saves it, or - for standard input",
    more: "The words sign in. For a wallet that the server does not know yet, it asks for username and password as well.",
    examples: ["cloudbackup backup wallet.json", "make-dump | cloudbackup backup - --server https://backup.example"],
  });
  withUserOptions(withSeedOptions(backup))
    .option("--replace", "replaces a backup that this machine has not restored, unseen")
    .option("--allow-shrink", "allows a dump that loses a pairing or half of the accounts");
  run(withServerOptions(backup), async (context, options: BackupOptions, file = "") => {
    const dump = await readDump(context, file);
    await withSeed(context, options, async (candidates) => {
      const server = await openServer(context, options);
      let candidate: SeedCandidate;
      try {
        ({ candidate } = await signIn(context, server, candidates));
      } catch (error) {
        if (!(error instanceof NoWalletError)) throw error;
        candidate = onlyOne(candidates);
        context.output.note("This server does not know the wallet yet: whose is it to be?");
        await signInByPassword(context, server, options);
      }
      const receipt = await useWallet(context, server, candidate, (wallet) => send(context, wallet, dump, options));
      await server.state.rememberServer(server.url);
      const { revision, sha256, storedAt, changed, bytesSent } = receipt;
      context.output.result({ revision, sha256, storedAt: storedAt.toISOString(), changed, bytesSent }, [
        changed
          ? `Stored as revision ${revision}, ${dateText(storedAt)}: ${bytesSent} bytes sent, encrypted.`
          : `Nothing has changed since revision ${revision}, and the server still has it.`,
      ]);
    });
  });
  return backup;
}

function send(context: Context, wallet: WalletBackup, dump: Dump, options: BackupOptions): Promise<BackupReceipt> {
  const { replace = false, allowShrink = false } = options;
  return withProgress(context, (onProgress) =>
    wallet.backup(dump, { replace, allowShrink, onProgress, signal: context.io.stop }),
  );
}
