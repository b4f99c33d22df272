import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "../errors.ts";
import type { Body, BodyReader } from "./bodies.ts";

/** Makes the routes of this scope take bodies of one type, as bytes, and no others. */
export function acceptOnly(app: FastifyInstance, contentType: string, readBody: BodyReader): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(contentType, async (request: FastifyRequest) => {
    const announced = request.headers["content-length"];
    return readBody(request.raw, announced === undefined ? null : Number(announced));
  });
}

/** What the scope's parser left. @throws ProblemError where there was no body, of which nobody said its type */
export function bodyOf(request: FastifyRequest): Body {
  const body = request.body as Body | undefined;
  if (body === undefined) throw new ProblemError("unsupported-media-type", "The request has no body");
  return body;
}
