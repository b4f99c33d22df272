/** Where long work stands, in bytes. `total` is what is known of it so far. */
export interface Progress {
  /** `open`: the bytes are there and are being checked. */
  phase: "upload" | "download" | "open";
  /** Bytes. */
  done: number;
  /** Bytes; may grow. */
  total: number;
}

/**
 * Called as long work goes on.
 *
 * @param progress where it stands
 */
export type OnProgress = (progress: Progress) => void;
