import type { OnProgress, Progress } from "@cloudbackup/client";
import { Presets, SingleBar } from "cli-progress";
import type { Context } from "./context.ts";

const PHASES: Readonly<Record<Progress["phase"], string>> = {
  upload: "Sending",
  download: "Fetching",
  open: "Opening",
};
/** Less is there before anybody could read it. */
const WORTH_A_BAR_BYTES = 256 * 1024;

/** Runs what takes long, with a bar on standard error where that is a terminal. It is gone when the work is done. */
export async function withProgress<T>(
  { io, output }: Context,
  work: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  if (!io.stderr.isTTY || output.isJson) return work(() => undefined);
  let bar: SingleBar | undefined;
  let phase: Progress["phase"] | undefined;
  const onProgress: OnProgress = (progress) => {
    if (progress.total < WORTH_A_BAR_BYTES) return;
    bar ??= startBar(io.stderr);
    if (phase !== progress.phase) bar.start(progress.total, 0, { phase: PHASES[progress.phase], size: "" });
    phase = progress.phase;
    bar.setTotal(progress.total);
    bar.update(progress.done, { phase: PHASES[progress.phase], size: megabytes(progress.total) });
  };
  try {
    return await work(onProgress);
  } finally {
    bar?.stop();
  }
}

function startBar(stream: NodeJS.WritableStream): SingleBar {
  const options = {
    format: "{phase} {bar} {percentage} % of {size}",
    stream,
    hideCursor: true,
    clearOnComplete: true,
    // Signals are the program's.
    gracefulExit: false,
    barsize: 30,
  };
  return new SingleBar(options, Presets.shades_classic);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
