import type { FastifyInstance } from "fastify";
import { ProblemError } from "../errors.ts";

/** A bundle, a sequence of chunks or a list of ids: protocol.md, first paragraph. */
export const MAX_BINARY_BYTES = 8 * 1024 * 1024;

/** Makes the routes of this scope take bodies of one type, as bytes, and no others. */
export function acceptOnly(app: FastifyInstance, contentType: string): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    contentType,
    { parseAs: "buffer", bodyLimit: MAX_BINARY_BYTES },
    (_request: unknown, body: Buffer, done: (error: null, body: Buffer) => void) => done(null, body),
  );
}

/** The bytes that the scope's parser left. @throws ProblemError where there was no body, of which nobody said its type */
export function bytesOf(body: unknown): Uint8Array {
  if (!(body instanceof Uint8Array)) throw new ProblemError("unsupported-media-type", "The request has no body");
  return body;
}
