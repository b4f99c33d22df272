/** Printable ASCII in the order that gives each character its symbol (position mod 32) and its group (position / 32). */
const CHARACTERS = "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";
/** Those of Bech32. */
const CHECKSUM_CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHECKSUM_LENGTH = 8;
/** 40 bits each, halved: a number of JavaScript has 32 where its bits are looked at. */
const GENERATOR_HIGH = [0xf5dee, 0xa9fdc, 0x1bab1, 0x3706b, 0x644d6];
const GENERATOR_LOW = [0x51989, 0xa3312, 0x0e32d, 0x1677a, 0x26ffd];

/**
 * The checksum of an output descriptor, 8 characters.
 *
 * @param text a descriptor without its checksum
 * @throws TypeError: `text` is no string; RangeError: it has a character that BIP-380 does not know
 * @example
 * ```ts
 * import { descriptorChecksum } from "@cloudbackup/core/interchange";
 *
 * console.log(descriptorChecksum("raw(deadbeef)")); // → 89f8spxm
 * ```
 * @see BIP-380, "Checksum"
 */
export function descriptorChecksum(text: string): string {
  if (typeof text !== "string") throw new TypeError("text must be a string");
  const wrong = text.search(/[^ -~]/);
  if (wrong >= 0) throw new RangeError(`text has a character at ${wrong} that descriptors do not have`);
  const remainder = remainderOf(text, CHECKSUM_CHARACTERS.charAt(0).repeat(CHECKSUM_LENGTH));
  return Array.from({ length: CHECKSUM_LENGTH }, (_, i) => {
    const symbol = Math.floor(remainder / 32 ** (CHECKSUM_LENGTH - 1 - i)) % 32;
    return CHECKSUM_CHARACTERS.charAt(i === CHECKSUM_LENGTH - 1 ? symbol ^ 1 : symbol);
  }).join("");
}

/**
 * A descriptor with its checksum behind `#`.
 *
 * @param text a descriptor without one
 * @throws TypeError: `text` is no string; RangeError: it has a checksum already, or a character that BIP-380 does not know
 * @example
 * ```ts
 * import { withChecksum } from "@cloudbackup/core/interchange";
 *
 * console.log(withChecksum("raw(deadbeef)")); // → raw(deadbeef)#89f8spxm
 * ```
 */
export function withChecksum(text: string): string {
  const checksum = descriptorChecksum(text);
  if (text.includes("#")) throw new RangeError("text has a checksum already");
  return `${text}#${checksum}`;
}

/** Whether a text ends in `#` and the checksum of what is before it. */
export function hasChecksum(text: string): boolean {
  const [, descriptor, checksum] = /^([ -"$-~]+)#([02-9ac-hj-np-z]{8})$/.exec(text) ?? [];
  return !!descriptor && remainderOf(descriptor, checksum as string) === 1;
}

/** Of descriptor and checksum as a polynomial, divided by that of the code; 1 where they fit each other. */
function remainderOf(descriptor: string, checksum: string): number {
  let high = 0;
  let low = 1;
  const add = (symbol: number) => {
    const top = high >> 15;
    high = ((high & 0x7fff) << 5) | (low >> 15);
    low = ((low & 0x7fff) << 5) ^ symbol;
    for (let i = 0; i < 5; i++) {
      if (!((top >> i) & 1)) continue;
      high ^= GENERATOR_HIGH[i] as number;
      low ^= GENERATOR_LOW[i] as number;
    }
  };
  let groups = 0;
  [...descriptor].forEach((character, i, all) => {
    const position = CHARACTERS.indexOf(character);
    add(position & 31);
    groups = groups * 3 + (position >> 5);
    // Behind three symbols there is one of their groups; the last ones may be fewer.
    if (i % 3 < 2 && i < all.length - 1) return;
    add(groups);
    groups = 0;
  });
  for (const character of checksum) add(CHECKSUM_CHARACTERS.indexOf(character));
  return high * 2 ** 20 + low;
}
