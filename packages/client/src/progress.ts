/** Where long work stands, in bytes. `total` is what is known of it so far. */
export interface Progress {
  phase: "upload" | "download" | "open";
  done: number;
  total: number;
}

export type OnProgress = (progress: Progress) => void;
