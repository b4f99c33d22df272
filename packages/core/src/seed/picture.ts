/**
 * `@cloudbackup/core/seed/picture`: QR codes of seeds in pictures, read and made. Apart from `@cloudbackup/core/seed`, since
 * what decodes pictures weighs.
 *
 * @module seed/picture
 */
export { NoQrCodeError, UnreadablePictureError, type UnreadablePictureReason } from "./picture/errors.ts";
export { seedQrModules, seedQrPng, seedQrSvg } from "./picture/make-qr.ts";
export { readQrFrame, readQrPicture } from "./picture/read-picture.ts";
