import { equalBytes } from "../bytes.ts";
import { byteString, map, schemaOf, text, uint } from "./fields.ts";
import { type SectionDefinition, sectionOf } from "./sections.ts";

/** Headers of a chain of blocks, one after the other. Keys not named here are kept and written back. @see docs/sections.md */
export interface BlockHeaders {
  /** Whose chain it is. Others than those named are the wallet's affair. */
  network: "mainnet" | "testnet" | "testnet4" | "signet" | "regtest" | (string & {});
  /** Height of the first one. Multiples of 2,016, so that every device cuts the chain at the same heights. */
  start: number;
  /** 1 to 2,016 headers of 80 bytes, as they are sent. */
  bytes: Uint8Array;
  [key: string]: unknown;
}

/** Version, hash before, Merkle root, time, target, nonce. */
export const HEADER_BYTES = 80;
/** From one adjustment of the difficulty to the next, and in a record at most. */
export const PERIOD = 2016;

const headers = map({
  network: text,
  start: uint,
  bytes: byteString(
    "must be 1 to 2,016 headers of 80 bytes",
    ({ length }) => length > 0 && length <= HEADER_BYTES * PERIOD && length % HEADER_BYTES === 0,
  ),
});

export const headersSection: SectionDefinition<"headers", BlockHeaders> = sectionOf({
  name: "headers",
  schema: schemaOf(headers),
  identity: (record) => [record.network, record.start],
  merge: { bytes: longer },
});

/** The one that goes on where the other ends. Undefined for two branches. */
function longer(local: unknown, remote: unknown): Uint8Array | undefined {
  const [a, b] = [local as Uint8Array, remote as Uint8Array];
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return equalBytes(short, long.subarray(0, short.length)) ? long : undefined;
}
