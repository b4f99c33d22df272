import { parseSeedQr } from "@cloudbackup/core/seed";
import { readQrPicture } from "@cloudbackup/core/seed/picture";
import { assertFileName, readWhole } from "../files.ts";
import type { SeedSource } from "../read-seed.ts";

/** What `readQrPicture` takes, and a byte more, so that it says itself what is too large. */
const MAX_BYTES = 32 * 1024 * 1024 + 1;

/** A photo, a scan or a drawing. */
export const qrSource: SeedSource = {
  flags: "--qr <picture>",
  description: "reads a SeedQR, or a QR code of words or of a paper wallet, in a PNG or JPEG file",
  async read({ io }, value, { languages: { wordlists } }) {
    assertFileName(value, "--qr");
    const file = await readWhole(value, io.stop, { maxBytes: MAX_BYTES, kind: "a picture" });
    const payload = readQrPicture(file);
    file.fill(0);
    // Digits and bytes say no language: they are English where none is named.
    const [wordlist, ...others] = Object.values(wordlists);
    const language = others.length > 0 ? {} : { wordlist };
    const { mnemonic, entropy, birthday } = parseSeedQr(payload, { ...language, wordlists, now: unixSeconds() });
    payload.fill(0);
    entropy.fill(0);
    return { mnemonic, birthday };
  },
};

function unixSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
