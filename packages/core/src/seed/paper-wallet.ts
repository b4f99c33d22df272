import { hexToBytes } from "../bytes.ts";
import { isEntropyLength } from "./mnemonic-lengths.ts";
import { InvalidSeedQrError } from "./seed-qr-error.ts";

/** `Seed=…`, where a query begins or goes on, in any case. */
const SEED = /(?:^|[?&;\s])seed\s*=/iu;
const SEPARATOR = /[&;\r\n]/u;
const HEX = /^[0-9a-f]+$/iu;
/** When the first block was made, 3 January 2009: no wallet is older. */
const GENESIS = 1_231_006_505;
/** Of a block's header: 32 bits. */
const MAX_TIME = 0xffff_ffff;

/** Whether text looks like that of a paper wallet. */
export function isPaperWallet(text: string): boolean {
  return SEED.test(unescaped(text));
}

/**
 * Reads `Seed=<entropy in hex>&Time=<unix seconds>`: the keys in any order and case, other keys ignored, percent-encoding
 * undone. `Time` may be missing. One that cannot be when a wallet was made is left out, since a wallet that looks for its
 * transactions from a time that is too late does not find them.
 *
 * @throws InvalidSeedQrError `paper-wallet`
 */
export function parsePaperWallet(text: string, now: number): { entropy: Uint8Array; birthday?: number } {
  const query = unescaped(text).replace(/^[^=]*\?/u, "");
  const pairs = query.split(SEPARATOR).map((pair) => {
    const [key = "", ...value] = pair.split("=");
    return [key.trim().toLowerCase(), value.join("=").trim()] as const;
  });
  const [seed, ...more] = valuesOf(pairs, "seed");
  if (seed === undefined || more.length > 0 || !HEX.test(seed) || !isEntropyLength(seed.length / 2)) {
    throw new InvalidSeedQrError("paper-wallet");
  }
  const [time, ...otherTimes] = valuesOf(pairs, "time");
  const birthday = /^\d{1,10}$/u.test(time ?? "") ? Number(time) : 0;
  const isBirthday = otherTimes.length === 0 && birthday >= GENESIS && birthday <= Math.min(now, MAX_TIME);
  return { entropy: hexToBytes(seed.toLowerCase()), ...(isBirthday ? { birthday } : {}) };
}

/** What a key has been given, each value once. */
function valuesOf(pairs: readonly (readonly [string, string])[], key: string): string[] {
  const values = pairs
    .filter(([name]) => name === key)
    .map(([, value]) => (key === "seed" ? value.toLowerCase() : value));
  return [...new Set(values)];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
