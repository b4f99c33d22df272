import { assertBytes, joinBytes, u32, utf8ToBytes } from "../bytes.ts";
import { defaultPrimitives } from "../primitives/default.ts";
import type { Primitives } from "../primitives/primitives.ts";
import { compareText } from "./order.ts";

/** Section bodies by name, each a CBOR sequence of records. @see RFC 8742 */
export type Sections = Map<string, Uint8Array>;

/**
 * SHA-256 over, for each section in ascending order of names, `u32(length of name) ‖ name ‖ section checksum`. Two dumps
 * with the same content and order have the same, whoever wrote them. 32 bytes, the caller's.
 *
 * @param sections bodies by name, as `encodeDump` gives them; in any order
 * @param primitives by default the platform's
 * @see docs/format.md §2
 */
export function payloadChecksum(sections: ReadonlyMap<string, Uint8Array>, primitives?: Primitives): Uint8Array {
  const { sha256 } = primitives ?? defaultPrimitives;
  const sums = new Map([...sections].map(([name, body]) => [name, sha256(body)]));
  return checksumOfSums(sums, primitives);
}

/** The same from the sections' checksums alone. */
export function checksumOfSums(sums: ReadonlyMap<string, Uint8Array>, primitives?: Primitives): Uint8Array {
  const { sha256 } = primitives ?? defaultPrimitives;
  const parts: Uint8Array[] = [];
  for (const [name, sum] of [...sums].sort(([a], [b]) => compareText(a, b))) {
    assertBytes(sum, `checksum of ${name}`, 32);
    const bytes = utf8ToBytes(name);
    parts.push(u32(bytes.length), bytes, sum);
  }
  return sha256(joinBytes(parts));
}
