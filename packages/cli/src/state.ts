import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { memoryStorage, type Storage } from "@cloudbackup/client";
import { directoryStorage } from "@cloudbackup/client/node";
import { FileError } from "./errors.ts";
import type { Io } from "./io.ts";

/** What says where this machine keeps what it has seen. */
export interface StateOptions {
  /** False with `--no-state`. */
  state?: string | boolean;
}

/** What this machine keeps between two runs: sealed by each wallet's own keys, and the server's URL beside it. */
export interface State {
  readonly storage: Storage;
  /** The server of the last run that found one. */
  server(): Promise<string | undefined>;
  rememberServer(url: string): Promise<void>;
}

const SERVER = "cli/server";

/** @throws FileError */
export async function openState(io: Io, { state }: StateOptions): Promise<State> {
  const storage = state === false ? memoryStorage() : await folderStorage(io, state);
  return {
    storage,
    async server() {
      const bytes = await storage.get(SERVER);
      return bytes && new TextDecoder().decode(bytes);
    },
    rememberServer: (url) => storage.set(SERVER, new TextEncoder().encode(url)),
  };
}

async function folderStorage(io: Io, state: string | true | undefined): Promise<Storage> {
  const folder = typeof state === "string" ? state : defaultFolder(io);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new FileError(`${folder} cannot be made; --state names another folder, --no-state does without`, {
      cause: error,
    });
  }
  return directoryStorage(folder);
}

/** @see https://specifications.freedesktop.org/basedir-spec, XDG_STATE_HOME */
export function defaultFolder({ env, homeDir, platform }: Pick<Io, "env" | "homeDir" | "platform">): string {
  if (platform === "win32") return join(env.LOCALAPPDATA || join(homeDir, "AppData", "Local"), "cloudbackup");
  // Relative paths there are to be ignored.
  const home = env.XDG_STATE_HOME?.startsWith("/") ? env.XDG_STATE_HOME : join(homeDir, ".local", "state");
  return join(home, "cloudbackup");
}
