import { Type } from "@fastify/type-provider-typebox";

/** Bytes in JSON: lower-case hex of one length. */
export function hexSchema(byteLength: number) {
  return Type.String({
    pattern: `^[0-9a-f]{${byteLength * 2}}$`,
    description: `must be ${byteLength} bytes in lower-case hex`,
  });
}

/** RFC 3339, UTC. */
export function timeText(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
