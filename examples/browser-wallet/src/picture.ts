import { parseSeedQr } from "@cloudbackup/core/seed";
import { readQrFrame } from "@cloudbackup/core/seed/picture";

/** Longest side, in pixels, of what is looked at: a phone's photo has twice as many and more, to no use. */
const LONG_SIDE = 2000;

/**
 * The words in a picture of their QR code, of any kind that the browser can show. It stays in this page.
 *
 * @throws DOMException for what is no picture; NoQrCodeError, InvalidSeedQrError
 */
export async function wordsInPicture(file: Blob): Promise<string> {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, LONG_SIDE / Math.max(bitmap.width, bitmap.height));
  const { width, height } = { width: Math.ceil(bitmap.width * scale), height: Math.ceil(bitmap.height * scale) };
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser draws nothing to look at");
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const payload = readQrFrame(context.getImageData(0, 0, width, height));
  return parseSeedQr(payload).mnemonic;
}
