import { UsageError } from "./errors.ts";
import type { Io } from "./io.ts";
import { decodeUtf8, readStream } from "./read-stream.ts";

const SECRET = { maxBytes: 64 * 1024, kind: "a seed, a password or a link" };

/** The text that another program hands over. @throws UsageError, FileError; the reason of `io.stop` */
export async function readDescriptor(io: Io, value: string | true, option: string): Promise<string> {
  if (typeof value !== "string" || !/^\d{1,4}$/.test(value)) {
    throw new UsageError(`${option} needs the number of an open file descriptor`);
  }
  const name = `File descriptor ${value}`;
  const bytes = await readStream(io.openDescriptor(Number(value)), name, SECRET, io.stop);
  try {
    return decodeUtf8(bytes, name);
  } finally {
    bytes.fill(0);
  }
}
