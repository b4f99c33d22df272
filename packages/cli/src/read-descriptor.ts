import { FileError, UsageError } from "./errors.ts";
import type { Io } from "./io.ts";

/** No seed, password or link is longer. */
const MAX_BYTES = 64 * 1024;

/** The text that another program hands over. @throws UsageError, FileError */
export async function readDescriptor(io: Io, value: string | true, option: string): Promise<string> {
  if (typeof value !== "string" || !/^\d{1,4}$/.test(value)) {
    throw new UsageError(`${option} needs the number of an open file descriptor`);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of io.openDescriptor(Number(value))) {
      chunks.push(chunk as Uint8Array);
      length += (chunk as Uint8Array).length;
      if (length > MAX_BYTES) break;
    }
  } catch (error) {
    io.stop.throwIfAborted();
    throw new FileError(`File descriptor ${value} cannot be read`, { cause: error });
  }
  if (length > MAX_BYTES) throw new FileError(`File descriptor ${value} gives more than ${MAX_BYTES / 1024} KiB`);
  const bytes = Buffer.concat(chunks);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FileError(`File descriptor ${value} gives no UTF-8`);
  } finally {
    for (const chunk of [...chunks, bytes]) chunk.fill(0);
  }
}
