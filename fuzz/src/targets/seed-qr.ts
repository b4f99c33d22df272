import { crc32 } from "node:zlib";
import fc from "fast-check";
import { joinBytes, u32 } from "../../../packages/core/src/bytes.ts";
import { InvalidMnemonicError, MnemonicChecksumError } from "../../../packages/core/src/seed/mnemonic-errors.ts";
import {
  NoQrCodeError,
  readQrPicture,
  seedQrPng,
  UnreadablePictureError,
} from "../../../packages/core/src/seed/picture.ts";
import { formatSeedQr, parseSeedQr } from "../../../packages/core/src/seed/seed-qr.ts";
import { InvalidSeedQrError } from "../../../packages/core/src/seed/seed-qr-error.ts";
import { baselineJpeg, progressiveJpeg } from "../../../packages/core/test/jpeg-pictures.ts";
import { mnemonics } from "../corpus.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import type { Source } from "../source.ts";
import { attempt, claim, claimEqual, claimSameBytes, defineTarget, type Target } from "../target.ts";

const anyText = fc.string({ unit: "binary", maxLength: 120 });
const PAPER = "Seed=5bbd9d71a8ec7990831aff359d426545&Time=1404172800";
const REFUSALS = [InvalidSeedQrError, InvalidMnemonicError, MnemonicChecksumError];
const PNG_FIRST = 0x89;
/** Small ones: a case looks at them in all the ways there are. */
const pictures = [
  ...[1, 2].map((scale) => seedQrPng(mnemonics[0] as string, { compact: true, scale })),
  baselineJpeg,
  progressiveJpeg,
];

export const seedQrTargets: readonly Target[] = [
  defineTarget({
    name: "parseSeedQr",
    share: 20,
    open: () => ({
      make: payloadInput,
      check: (payload: string | Uint8Array) => {
        const { outcome, value } = attempt(() => parseSeedQr(payload), REFUSALS);
        if (value === undefined) return outcome;
        const { mnemonic, entropy, birthday = 2 ** 31 } = value;
        claimSameBytes(formatSeedQr(mnemonic, { compact: true }), entropy, "the words are those of the entropy");
        claimEqual(parseSeedQr(formatSeedQr(mnemonic)).mnemonic, mnemonic, "what is written is read again");
        claim(birthday >= 1_231_006_505 && birthday < 2 ** 32, "no wallet is older than bitcoin");
        return value.format;
      },
    }),
  }),
  defineTarget({
    name: "readQrPicture",
    share: 2,
    open: () => ({
      make: (source) => {
        const picture = source.pick(pictures);
        if (source.oneIn(20)) return picture;
        const isChecked = picture[0] === PNG_FIRST && !source.oneIn(3);
        return isChecked ? mutateChunk(source, picture) : mutateBytes(source, picture, source.pick(pictures));
      },
      check: (picture: Uint8Array) =>
        attempt(() => readQrPicture(picture), [NoQrCodeError, UnreadablePictureError]).outcome,
    }),
  }),
];

/** One chunk of a PNG changed, and its checksum right again: the reader would look no further. */
function mutateChunk(source: Source, png: Uint8Array): Uint8Array {
  const parts = [png.subarray(0, 8)];
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chosen = source.below(2);
  for (let at = 8, index = 0; at < png.length; index++) {
    const end = at + 8 + view.getUint32(at);
    const type = png.subarray(at + 4, at + 8);
    const data = png.subarray(at + 8, end);
    const mutant = index === chosen ? mutateBytes(source, data, png) : data;
    const checked = joinBytes([type, mutant]);
    parts.push(u32(mutant.length), checked, u32(crc32(checked)));
    at = end + 4;
  }
  return joinBytes(parts);
}

/** All forms, with bytes changed, as bytes or as the text that they are. */
function payloadInput(source: Source): string | Uint8Array {
  const mnemonic = source.pick(mnemonics);
  const kind = source.below(6);
  if (kind === 0) return source.draw(anyText);
  if (kind === 1) return source.bytes(source.pick([16, 19, 20, 24, 28, 32, 34]));
  const text = kind === 2 ? PAPER : kind === 3 ? mnemonic : formatSeedQr(mnemonic);
  const whole = kind === 4 ? formatSeedQr(mnemonic, { compact: true }) : new TextEncoder().encode(text);
  const bytes = source.oneIn(5) ? whole : mutateBytes(source, whole, whole);
  return source.oneIn(2) ? bytes : new TextDecoder().decode(bytes);
}
