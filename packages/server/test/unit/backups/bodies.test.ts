import { randomBytes } from "node:crypto";
import { type FileHandle, mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type BodyReader, createBodyReader, MAX_BINARY_BYTES, MAX_SMALL_BYTES } from "../../../src/backups/bodies.ts";

const LARGE = 300_000;
let folder: string;
let readBody: BodyReader;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudbackup-bodies-"));
  readBody = createBodyReader({ folder, randomBytes, maxLargeBodiesBytes: LARGE });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

const partsOf = (bytes: Buffer) => {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 50_000) parts.push(bytes.subarray(at, at + 50_000));
  return parts;
};
const streamOf = (bytes: Buffer) => Readable.from(partsOf(bytes), { objectMode: false });

test.each([0, 1, MAX_SMALL_BYTES, MAX_SMALL_BYTES + 1, LARGE, LARGE + 1, MAX_BINARY_BYTES])(
  "a body of %i bytes is what was sent, its length announced or not",
  async (length) => {
    const sent = randomBytes(length);
    for (const announced of [length, null]) {
      const body = await readBody(streamOf(sent), announced);
      expect(body.byteLength).toBe(length);
      expect(sent.equals(await body.bytes())).toBe(true);
      await body.release();
    }
    expect(await readdir(folder)).toEqual([]);
  },
);

test("a large body that waits for its sender keeps no other from memory's place or from being read", async () => {
  const slow = new PassThrough();
  const slowBody = readBody(slow, LARGE);
  const sent = randomBytes(LARGE);
  // Both go past it: into a file, and since it is small.
  const other = await readBody(streamOf(sent), LARGE);
  const small = await readBody(streamOf(sent.subarray(0, 1000)), 1000);
  expect(sent.equals(await other.bytes())).toBe(true);
  expect((await small.bytes()).length).toBe(1000);
  slow.end(sent);
  expect(sent.equals(await (await slowBody).bytes())).toBe(true);
  await other.release();
});

test("memory has room again after a release, once for each body, and after a body that broke off", async () => {
  // A folder that is not there: what needs a file fails.
  readBody = createBodyReader({ folder: join(folder, "none"), randomBytes, maxLargeBodiesBytes: LARGE });
  const sent = randomBytes(LARGE);
  const first = await readBody(streamOf(sent), LARGE);
  await expect(readBody(streamOf(sent), LARGE)).rejects.toMatchObject({ code: "unavailable" });
  await first.release();
  await first.release();
  const broken = new PassThrough();
  const reading = readBody(broken, LARGE);
  broken.destroy(new Error("aborted"));
  await expect(reading).rejects.toMatchObject({ code: "malformed-request" });
  const second = await readBody(streamOf(sent), LARGE);
  await expect(readBody(streamOf(sent), LARGE)).rejects.toMatchObject({ code: "unavailable" });
  await second.release();
});

test("a body that is longer than allowed is refused, and its connection left to carry the answer", async () => {
  await expect(readBody(streamOf(Buffer.alloc(10)), MAX_BINARY_BYTES + 1)).rejects.toMatchObject({ code: "too-large" });
  const endless = new PassThrough();
  const reading = readBody(endless, null);
  Readable.from(partsOf(Buffer.alloc(MAX_BINARY_BYTES + 1))).pipe(endless, { end: false });
  await expect(reading).rejects.toMatchObject({ code: "too-large" });
  expect(endless.destroyed).toBe(false);
});

test("a file takes the next part when it has written the one before", async () => {
  readBody = createBodyReader({ folder, randomBytes, maxLargeBodiesBytes: 0 });
  let given = 0;
  const sent = randomBytes(4 * 1024 * 1024);
  const source = Readable.from(
    (function* () {
      for (const part of partsOf(sent)) {
        given += part.length;
        yield part;
      }
    })(),
    { objectMode: false, highWaterMark: 1 },
  );
  const reading = readBody(source, sent.length);
  let most = 0;
  source.on("pause", () => {
    most = Math.max(most, given);
  });
  source.once("pause", () => expect(given).toBeLessThanOrEqual(150_000));
  const body = await reading;
  expect(most).toBeGreaterThan(0);
  expect(sent.equals(await body.bytes())).toBe(true);
  await body.release();
});

/** From now on, one call of the method moves half of what it is asked to, as the system is free to do. */
async function halve(method: "read" | "write") {
  const file = await open(join(folder, "any"), "w");
  const prototype: Pick<FileHandle, typeof method> = Object.getPrototypeOf(file);
  await file.close();
  type Move = (buffer: Buffer, offset: number, length: number, position: number) => unknown;
  const whole = prototype[method] as Move;
  return vi.spyOn(prototype, method).mockImplementation(function (this: FileHandle, ...args: unknown[]) {
    const [buffer, offset, length, position] = args as Parameters<Move>;
    return whole.call(this, buffer, offset, Math.ceil(length / 2), position) as never;
  });
}

test("a write that takes only a part of what it is given is gone on with", async () => {
  readBody = createBodyReader({ folder, randomBytes, maxLargeBodiesBytes: 0 });
  const write = await halve("write");
  const sent = randomBytes(LARGE);
  const body = await readBody(streamOf(sent), LARGE);
  expect(write.mock.calls.length).toBeGreaterThan(partsOf(sent).length);
  expect(sent.equals(await body.bytes())).toBe(true);
  await body.release();
});

test("a file that gives less than was written is not taken for the body", async () => {
  readBody = createBodyReader({ folder, randomBytes, maxLargeBodiesBytes: 0 });
  const body = await readBody(streamOf(randomBytes(LARGE)), LARGE);
  await halve("read");
  await expect(body.bytes()).rejects.toMatchObject({ code: "unavailable" });
  await body.release();
});

test.each([
  ["in memory", LARGE],
  ["in a file", null],
])("a sender that goes away without a word does not keep its place %s", async (_, announced) => {
  for (const sendsBefore of [true, false]) {
    const sender = new PassThrough();
    const reading = readBody(sender, announced);
    if (sendsBefore) sender.write("some");
    // At once: before a file can be open, and so before anybody listens.
    sender.destroy();
    await expect(reading).rejects.toMatchObject({ code: "malformed-request" });
  }
  const sent = randomBytes(LARGE);
  readBody = createBodyReader({ folder, randomBytes, maxLargeBodiesBytes: LARGE });
  expect(sent.equals(await (await readBody(streamOf(sent), LARGE)).bytes())).toBe(true);
});

test("a body that does not say how large it is takes none of the memory of others", async () => {
  const slow = new PassThrough();
  const slowBody = readBody(slow, null);
  slow.write("x");
  await vi.waitFor(() => expect(slow.listenerCount("data")).toBe(1));
  const body = await readBody(streamOf(randomBytes(LARGE)), LARGE);
  // Now memory is full, and the folder is gone: the one that fails is the first that needs a file.
  await rm(folder, { recursive: true });
  await expect(readBody(streamOf(randomBytes(LARGE)), LARGE)).rejects.toMatchObject({ code: "unavailable" });
  await body.release();
  await readBody(streamOf(randomBytes(LARGE)), LARGE);
  slow.end("y");
  const unannounced = await slowBody;
  expect(unannounced.byteLength).toBe(2);
  await unannounced.release();
});
