import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { freeBytes, hexOf } from "../bytes.ts";
import { ProblemError } from "../errors.ts";

/** A bundle, a sequence of chunks or a list of ids: protocol.md, first paragraph. */
export const MAX_BINARY_BYTES = 8 * 1024 * 1024;
/** Up to this a body is small: it never waits for a large one, in memory or in its turn. */
export const MAX_SMALL_BYTES = 128 * 1024;
/** What large bodies may take in memory, together. */
const MAX_LARGE_BODIES_BYTES = 8 * 1024 * 1024;

/** A request's body, as it arrived. */
export interface Body {
  readonly byteLength: number;
  /** All of it, until it is released: views into it are empty then. */
  bytes(): Promise<Uint8Array>;
  /** Gives up its place. To be called by whoever got it, whatever comes. */
  release(): Promise<void>;
}

export interface BodyReaderOptions {
  /** Where a body goes that has no room in memory. */
  folder: string;
  randomBytes: (length: number) => Uint8Array;
  maxLargeBodiesBytes?: number;
}

/** Reads a body to its end. `announcedBytes` is its Content-Length, null where there is none. */
export type BodyReader = (stream: Readable, announcedBytes: number | null) => Promise<Body>;

/**
 * Many uploads at once, each of up to 8 MiB over a link of any speed, must not be in memory at once. Large ones that have
 * no room there, and those that do not say how large they are, go to a file, which has no name any more: it ends with the
 * process. So nobody waits for another one's link, however slow that is.
 *
 * The reader throws a ProblemError: `too-large`; `malformed-request` where the body breaks off; `unavailable` where the
 * file cannot be written.
 */
export function createBodyReader(options: BodyReaderOptions): BodyReader {
  const { folder, randomBytes, maxLargeBodiesBytes = MAX_LARGE_BODIES_BYTES } = options;
  let room = maxLargeBodiesBytes;
  return async (stream, announcedBytes) => {
    const needs = announcedBytes ?? Number.POSITIVE_INFINITY;
    if (announcedBytes !== null && needs > MAX_BINARY_BYTES) throw new ProblemError("too-large");
    if (needs <= MAX_SMALL_BYTES) return inMemory(stream, needs);
    if (needs > room) return inFile(stream, join(folder, `.upload-${hexOf(randomBytes(8))}`));
    room -= needs;
    const leave = once(async () => {
      room += needs;
    });
    try {
      const body = await inMemory(stream, needs);
      return { ...body, release: () => body.release().then(leave) };
    } catch (error) {
      await leave();
      throw error;
    }
  };
}

async function inMemory(stream: Readable, maxBytes: number): Promise<Body> {
  // Filled as it arrives: parts that wait to be joined would take the room twice.
  const whole = Buffer.allocUnsafeSlow(maxBytes);
  let byteLength = 0;
  await readAll(stream, maxBytes, (part) => {
    byteLength += part.copy(whole, byteLength);
  });
  const bytes = whole.subarray(0, byteLength);
  return { byteLength, bytes: async () => bytes, release: async () => freeBytes(whole) };
}

async function inFile(stream: Readable, path: string): Promise<Body> {
  const file = await storing(async () => {
    const opened = await open(path, "wx+", 0o600);
    try {
      await unlink(path);
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  });
  let whole: Buffer | undefined;
  const release = once(() => {
    if (whole) freeBytes(whole);
    return file.close();
  });
  try {
    let byteLength = 0;
    await readAll(stream, MAX_BINARY_BYTES, async (part) => {
      await storing(() => writeAt(file, byteLength, part));
      byteLength += part.length;
    });
    const bytes = async () => {
      const read = Buffer.allocUnsafeSlow(byteLength);
      whole = read;
      await storing(async () => {
        const { bytesRead } = await file.read(read, 0, byteLength, 0);
        if (bytesRead !== byteLength) throw new Error(`the file gave ${bytesRead} of ${byteLength} bytes`);
      });
      return read;
    };
    return { byteLength, bytes, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** All of it: one write may take less, where the disk is nearly full, say. */
async function writeAt(file: FileHandle, position: number, part: Buffer): Promise<void> {
  let written = 0;
  while (written < part.length) {
    const { bytesWritten } = await file.write(part, written, part.length - written, position + written);
    if (bytesWritten === 0) throw new Error("the file takes no more");
    written += bytesWritten;
  }
}

/** Hands over part after part; the next one stays in the connection while `take` is at work. */
function readAll(stream: Readable, maxBytes: number, take: (part: Buffer) => Promise<void> | void): Promise<void> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    let taking: Promise<void> | undefined;
    const settle = (done: () => void) => {
      // Not destroyed: the connection is still to carry the answer.
      stream.off("data", onData).off("end", onEnd).off("error", onError).off("close", onClose);
      done();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    const breakOff = (cause: unknown) =>
      fail(new ProblemError("malformed-request", "The body broke off", cause ? { cause } : {}));
    const onData = (part: Buffer) => {
      bytes += part.length;
      if (bytes > maxBytes) return fail(new ProblemError("too-large"));
      taking = take(part) ?? undefined;
      if (!taking) return;
      stream.pause();
      taking.then(() => stream.resume(), fail);
    };
    // A stream that has no more says so while its last part is still taken.
    const onEnd = () => settle(() => void (taking ? taking.then(resolve, reject) : resolve()));
    const onError = (error: Error) => breakOff(error);
    const onClose = () => breakOff(null);
    // Who has gone before anybody listened says nothing any more.
    if (stream.destroyed) return breakOff(stream.errored);
    stream.on("data", onData).on("end", onEnd).on("error", onError).on("close", onClose);
  });
}

/** A disk that is full, say, is no mistake of the server. */
async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ProblemError("unavailable", undefined, { cause: error });
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
