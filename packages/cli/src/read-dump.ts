import type { Dump } from "@cloudbackup/client";
import { parseDumpJson } from "@cloudbackup/core/interchange";
import type { Context } from "./context.ts";
import { UsageError } from "./errors.ts";
import { BACKUP, readWhole } from "./files.ts";
import { decodeUtf8, readStream } from "./read-stream.ts";

/** Reads a dump in this program's JSON. @param file `-` is standard input */
export async function readDump(context: Context, file: string): Promise<Dump> {
  return parseDumpJson(await readText(context, file));
}

/** @param file `-` is standard input */
export async function readText({ io }: Context, file: string): Promise<string> {
  if (file !== "-") return decodeUtf8(await readWhole(file, io.stop), file);
  if (io.stdin.isTTY) throw new UsageError("- reads standard input, which is the terminal: give it a file or a pipe");
  return decodeUtf8(await readStream(io.stdin, STDIN, BACKUP, io.stop), STDIN);
}

const STDIN = "Standard input";
