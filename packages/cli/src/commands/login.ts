import type { Command } from "commander";
import { type SeedOptions, withSeedOptions } from "../read-seed.ts";
import { safeText } from "../safe-text.ts";
import { openServer, type ServerOptions, withServerOptions } from "../server.ts";
import { signInByPassword, type UserOptions, withUserOptions } from "../user.ts";
import { onlyOne, useWallet, withSeed } from "../wallet.ts";
import { command, type Run } from "./command.ts";

type LoginOptions = SeedOptions & ServerOptions & UserOptions;

export function loginCommand(run: Run): Command {
  const login = command("login [url]", {
    summary: "registers a wallet for a user, so that its words alone are enough from then on",
    more: "Signs in by username and password, once. Neither they nor a session is kept.",
    examples: ["cloudbackup login https://backup.example", "cloudbackup login --username hodler21"],
  });
  run(withServerOptions(withUserOptions(withSeedOptions(login))), async (context, options: LoginOptions, url) => {
    const { io, output } = context;
    const server = await openServer(context, options, url);
    const username = await signInByPassword(context, server, options);
    await withSeed(context, options, async (candidates) => {
      const id = await useWallet(context, server, onlyOne(candidates), async (wallet) => {
        await wallet.register({ signal: io.stop });
        return wallet.id;
      });
      await server.client.signOut({ signal: io.stop });
      await server.state.rememberServer(server.url);
      output.result({ username, server: server.url, wallet: id }, [
        `The wallet is ${safeText(username)}'s. From now on its words alone are enough: restore, backup, show …`,
      ]);
    });
  });
  return login;
}
