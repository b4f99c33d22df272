import type { Readable } from "node:stream";
import { FileError } from "./errors.ts";

/**
 * What another program hands over, to its end. It may be a secret: no other copy of it is left.
 *
 * @param name what errors call it
 * @param limits `kind`: what has at most `maxBytes`
 * @throws FileError; the reason of `stop`
 */
export async function readStream(
  stream: Readable,
  name: string,
  limits: { maxBytes: number; kind: string },
  stop: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Whoever writes it may never end.
  const end = () => stream.destroy();
  stop.addEventListener("abort", end, { once: true });
  try {
    for await (const chunk of stream) {
      chunks.push(chunk as Uint8Array);
      length += (chunk as Uint8Array).length;
      if (length > limits.maxBytes) throw new FileError(`${name} gives more than ${limits.kind} can be`);
    }
    stop.throwIfAborted();
    return Buffer.concat(chunks);
  } catch (error) {
    stop.throwIfAborted();
    throw error instanceof FileError ? error : new FileError(`${name} cannot be read`, { cause: error });
  } finally {
    stop.removeEventListener("abort", end);
    for (const chunk of chunks) chunk.fill(0);
  }
}

/** @throws FileError */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FileError(`${name} is no UTF-8 text`);
  }
}
