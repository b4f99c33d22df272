import type { Dump } from "@cloudbackup/client";
import { parseDumpJson } from "@cloudbackup/core/interchange";
import type { Context } from "./context.ts";
import { FileError, UsageError } from "./errors.ts";
import { readWhole } from "./files.ts";

/** Reads a dump in this program's JSON. @param file `-` is standard input */
export async function readDump(context: Context, file: string): Promise<Dump> {
  return parseDumpJson(await readText(context, file));
}

/** @param file `-` is standard input */
export async function readText({ io }: Context, file: string): Promise<string> {
  const bytes = file === "-" ? await readStdin(io) : await readWhole(file, io.stop);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FileError(`${file === "-" ? "Standard input" : file} is no UTF-8 text`);
  }
}

async function readStdin({ stdin, stop }: Context["io"]): Promise<Uint8Array> {
  if (stdin.isTTY) throw new UsageError("- reads standard input, which is the terminal: give it a file or a pipe");
  const chunks: Uint8Array[] = [];
  const end = () => stdin.destroy();
  stop.addEventListener("abort", end, { once: true });
  try {
    for await (const chunk of stdin) chunks.push(chunk as Uint8Array);
  } catch (error) {
    stop.throwIfAborted();
    throw new FileError("Standard input cannot be read", { cause: error });
  } finally {
    stop.removeEventListener("abort", end);
  }
  stop.throwIfAborted();
  return Buffer.concat(chunks);
}
