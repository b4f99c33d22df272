import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "../errors.ts";
import type { Body, BodyReader } from "./bodies.ts";

/** Makes the routes of this scope take bodies of one type, as bytes, and no others. */
export function acceptOnly(app: FastifyInstance, contentType: string, readBody: BodyReader): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(contentType, async (request: FastifyRequest) => {
    return readBody(request.raw, announcedBytes(request.headers["content-length"]));
  });
}

/** Null where nothing is announced. @throws ProblemError where it is no number, which not everything refuses that hands requests on */
function announcedBytes(header: string | undefined): number | null {
  if (header === undefined) return null;
  if (!/^\d+$/.test(header)) throw new ProblemError("malformed-request", "Content-Length is not a number");
  return Number(header);
}

/** What the scope's parser left. @throws ProblemError where there was no body, of which nobody said its type */
export function bodyOf(request: FastifyRequest): Body {
  const body = request.body as Body | undefined;
  if (body === undefined) throw new ProblemError("unsupported-media-type", "The request has no body");
  return body;
}
