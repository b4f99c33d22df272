import { CloudBackupError } from "../../errors.ts";

/** No QR code could be read in the picture: take it again, closer, sharper, or with more light. */
export class NoQrCodeError extends CloudBackupError {
  constructor() {
    super("ERR_CB_NO_QR_CODE", "No QR code could be read in the picture");
  }
}

/**
 * Why a file is no picture that can be looked at: `format` is neither PNG nor JPEG, or a kind of them that is not known here;
 * `damaged` ends early or contradicts itself; `too-large` has more pixels or bytes than are taken.
 */
export type UnreadablePictureReason = "format" | "damaged" | "too-large";

const MESSAGES: Readonly<Record<UnreadablePictureReason, string>> = {
  format: "The file is no PNG and no JPEG picture that can be read here",
  damaged: "The picture is damaged",
  "too-large": "The picture is too large: 25 million pixels and 32 MiB are taken",
};

/** The file is no picture that can be looked at. */
export class UnreadablePictureError extends CloudBackupError {
  /** What is wrong with it. */
  readonly reason: UnreadablePictureReason;

  constructor(reason: UnreadablePictureReason) {
    super("ERR_CB_UNREADABLE_PICTURE", MESSAGES[reason]);
    this.reason = reason;
  }
}
