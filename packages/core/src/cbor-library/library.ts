/**
 * What core has a CBOR library do. It need not be strict: `cbor.ts` has checked what is to be encoded, and the head of
 * whatever is to be decoded.
 */
export interface CborLibrary {
  /**
   * Writes one item, whose integers and lengths take the fewest bytes and whose keys stand in the order of their encoding
   * (RFC 8949 §4.2.1), to the start of `into`, which has room for it; keys with the value `undefined` are left out.
   *
   * @returns how many bytes it took
   */
  encodeInto(value: unknown, into: Uint8Array): number;
  /**
   * Reads single items of `bytes` that are neither an array nor a map, from `start` to `end`. Integers beyond 2^53 − 1
   * are `bigint`, byte strings copies. Text may lack a U+FEFF at its start, and has U+FFFD where it is no UTF-8.
   */
  reader(bytes: Uint8Array): (start: number, end: number) => unknown;
}
