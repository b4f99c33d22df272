/** Where long work stands, in bytes. `total` is what is known of it so far. */
export interface Progress {
  /** `open`: the bytes are there, and are being checked and decoded. */
  phase: "upload" | "download" | "open";
  /** While it is opened, the section that is being opened or decoded: they come one after the other, twice. */
  section?: string;
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
