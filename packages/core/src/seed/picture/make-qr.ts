import { encode } from "fast-png";
import { encodeQR } from "qr";
import { assertKnownOptions, assertUint } from "../../bytes.ts";
import { formatSeedQr } from "../seed-qr.ts";
import type { Wordlist } from "../wordlist.ts";

/** ISO/IEC 18004 §5.3.8: four modules of white on every side. */
const QUIET_ZONE = 4;
const DEFAULT_SCALE = 8;
const MAX_SCALE = 64;

/**
 * A SeedQR as its modules, row by row, without a quiet zone; true is dark. Of the sizes and with the error correction (L) that
 * a SeedSigner makes: 25 × 25 for 12 words and 29 × 29 for 24, compact 21 × 21 and 25 × 25.
 *
 * @param mnemonic 12, 15, 18, 21 or 24 words
 * @param options what is made of them
 * @param options.compact raw bytes instead of digits: a smaller code, of the same words
 * @param options.wordlist of the words' language; by default English, the one that SeedQR knows
 * @throws TypeError for wrong arguments; InvalidMnemonicError, MnemonicChecksumError for wrong words
 * @see https://github.com/SeedSigner/seedsigner/blob/dev/docs/seed_qr/README.md
 */
export function seedQrModules(
  mnemonic: string,
  options: { compact?: boolean | undefined; wordlist?: Wordlist | undefined } = {},
): boolean[][] {
  const payload = formatSeedQr(mnemonic, options);
  const framed =
    typeof payload === "string"
      ? encodeQR(payload, "raw", { ecc: "low", encoding: "numeric", border: 1 })
      : // The text stands for the bytes, which are no text.
        encodeQR("", "raw", { ecc: "low", encoding: "byte", border: 1, textEncoder: () => payload });
  if (typeof payload !== "string") payload.fill(0);
  // The library wants a border.
  return framed.slice(1, -1).map((row) => row.slice(1, -1));
}

/**
 * A SeedQR as an SVG picture: one unit a module, four units of white around it. Whoever sees it has the seed.
 *
 * @param mnemonic 12, 15, 18, 21 or 24 words
 * @param options what is made of them
 * @param options.compact raw bytes instead of digits: a smaller code, of the same words
 * @param options.wordlist of the words' language; by default English, the one that SeedQR knows
 * @throws TypeError for wrong arguments; InvalidMnemonicError, MnemonicChecksumError for wrong words
 * @see https://github.com/SeedSigner/seedsigner/blob/dev/docs/seed_qr/README.md
 */
export function seedQrSvg(
  mnemonic: string,
  options: { compact?: boolean | undefined; wordlist?: Wordlist | undefined } = {},
): string {
  const modules = seedQrModules(mnemonic, options);
  const side = modules.length + 2 * QUIET_ZONE;
  const path = modules.flatMap((row, y) =>
    row.map((isDark, x) => (isDark ? `M${x + QUIET_ZONE} ${y + QUIET_ZONE}h1v1h-1z` : "")),
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${path.join("")}"/></svg>\n`
  );
}

/**
 * A SeedQR as a PNG file, with four modules of white around it. Whoever sees it has the seed.
 *
 * @param mnemonic 12, 15, 18, 21 or 24 words
 * @param options what is made of them
 * @param options.compact raw bytes instead of digits: a smaller code, of the same words
 * @param options.scale pixels a module has on each side, 1 to 64; by default 8
 * @param options.wordlist of the words' language; by default English, the one that SeedQR knows
 * @throws TypeError or RangeError for wrong arguments; InvalidMnemonicError, MnemonicChecksumError for wrong words
 * @see https://github.com/SeedSigner/seedsigner/blob/dev/docs/seed_qr/README.md
 */
export function seedQrPng(
  mnemonic: string,
  options: { compact?: boolean | undefined; scale?: number | undefined; wordlist?: Wordlist | undefined } = {},
): Uint8Array {
  assertKnownOptions(options, ["compact", "scale", "wordlist"], "options");
  const { compact, scale = DEFAULT_SCALE, wordlist } = options;
  assertUint(scale, "scale", 1);
  if (scale > MAX_SCALE) throw new RangeError(`scale must be at most ${MAX_SCALE}`);
  const modules = seedQrModules(mnemonic, { compact, wordlist });
  const side = (modules.length + 2 * QUIET_ZONE) * scale;
  const data = new Uint8Array(side * side).fill(255);
  for (let y = 0; y < modules.length * scale; y++) {
    const row = modules[Math.floor(y / scale)] as boolean[];
    const begin = (y + QUIET_ZONE * scale) * side + QUIET_ZONE * scale;
    for (let x = 0; x < row.length * scale; x++) if (row[Math.floor(x / scale)]) data[begin + x] = 0;
  }
  const png = encode({ width: side, height: side, data, channels: 1, depth: 8 });
  data.fill(0);
  return new Uint8Array(png);
}
