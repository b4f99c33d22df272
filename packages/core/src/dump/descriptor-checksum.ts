/** Printable ASCII in the order that gives each character its symbol (position mod 32) and its group (position / 32). */
const CHARACTERS = "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";
/** Those of Bech32. */
const CHECKSUM_CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHECKSUM_LENGTH = 8;
const GENERATOR = [0xf5dee51989n, 0xa9fdca3312n, 0x1bab10e32dn, 0x3706b1677an, 0x644d626ffdn];

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
  let rest = remainderOf(text, CHECKSUM_CHARACTERS.charAt(0).repeat(CHECKSUM_LENGTH)) ^ 1n;
  let checksum = "";
  for (let i = 0; i < CHECKSUM_LENGTH; i++, rest >>= 5n) {
    checksum = CHECKSUM_CHARACTERS.charAt(Number(rest & 31n)) + checksum;
  }
  return checksum;
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
  return !!descriptor && remainderOf(descriptor, checksum as string) === 1n;
}

/** Of descriptor and checksum as a polynomial, divided by that of the code; 1 where they fit each other. */
function remainderOf(descriptor: string, checksum: string): bigint {
  let remainder = 1n;
  const add = (symbol: number) => {
    const top = remainder >> 35n;
    remainder = ((remainder & 0x7ffffffffn) << 5n) ^ BigInt(symbol);
    GENERATOR.forEach((value, i) => {
      if ((top >> BigInt(i)) & 1n) remainder ^= value;
    });
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
  return remainder;
}
