import { publicFile, publicText } from "./public-files.ts";

/** What SeedSigner's documentation of the format says of one of its vectors. */
export interface SeedQrVector {
  number: number;
  words: string;
  digits: string;
  compact: Uint8Array;
}

const readme = publicText("seedqr/README.md");

/** Whether the folder of vectors is there. */
export const hasVectors: boolean = readme !== undefined;

/** Vectors 4 and 6 to 9: a plain one, and those with NUL, `\n`, `\r` and `\r\n` among their bytes. */
const byHand: readonly [number, string, string, string][] = [
  [
    4,
    "forum undo fragile fade shy sign arrest garment culture tube off merit",
    "073318950739065415961602009907670428187212261116",
    "5bbd9d71a8ec7990831aff359d426545",
  ],
  [
    6,
    "approve fruit lens brass ring actual stool coin doll boss strong rate",
    "008607501025021714880023171503630517020917211425",
    "0acbba008d9ba005f5996b40a3475cd9",
  ],
  [
    7,
    "dignity utility vacant shiver thought canoe feel multiply item youth actor coyote",
    "049619221923158517990268067811630950204300210397",
    "3e1e0bc1e31e0e4315348b76dfec0a98",
  ],
  [
    8,
    "corn voice scrap arrow original diamond trial property benefit choose junk lock",
    "038719631547010112530489185713790169032209701051",
    "307eaf058659ca7a7a0d63152509e541",
  ],
  [
    9,
    "vocal tray giggle tool duck letter category pattern train magnet excite swamp",
    "196218530783182905421028028912901848107106301753",
    "f55cf587f2543d01090d0ae710bd3b6d",
  ],
];

/** All nine of seedqr/README.md, or those that are written down here. */
export const seedQrVectors: readonly SeedQrVector[] = readme
  ? parseReadme(readme)
  : byHand.map(([number, words, digits, compact]) => ({
      number,
      words,
      digits,
      compact: Uint8Array.from(Buffer.from(compact, "hex")),
    }));

export function vector(number: number): SeedQrVector {
  const found = seedQrVectors.find((one) => one.number === number);
  if (found === undefined) throw new Error(`there is no vector ${number}`);
  return found;
}

export function readVectorPicture(path: string): Uint8Array {
  const file = publicFile(path);
  if (!file) throw new Error(`${path} is not there`);
  return file;
}

/** Each vector is a block of shell with comments: the words, the digits, and the bits of the compact form. */
function parseReadme(text: string): SeedQrVector[] {
  const block =
    /# (?:12|24)-word seed:\n(.+)\n\n# Standard SeedQR digit stream:\n(\d+)\n\n# CompactSeedQR bitstream:\n([01]+)\n/gu;
  return [...text.matchAll(block)].map(([, words = "", digits = "", bits = ""], at) => ({
    number: at + 1,
    words,
    digits,
    compact: Uint8Array.from(bits.match(/[01]{8}/gu) ?? [], (byte) => Number.parseInt(byte, 2)),
  }));
}
