import { type AnySectionDefinition, type BackupKeys, type OpenedBackup, openBackupInSteps } from "@cloudbackup/core";
import { throwIfAborted } from "./abort.ts";
import type { Clock } from "./clock.ts";
import type { OnProgress } from "./progress.ts";

/** After so long others get a turn: a page that is busy for longer stutters. */
const TURN_MS = 30;

/** Opens a download, and lets others have a turn in between. @throws what `openBackup` does; `signal.reason` */
export async function openInTurns<Definitions extends readonly AnySectionDefinition[]>(
  bundle: Uint8Array,
  keys: BackupKeys,
  options: {
    sections: Definitions;
    clock: Clock;
    signal?: AbortSignal | undefined;
    onProgress?: OnProgress | undefined;
  },
): Promise<OpenedBackup<Definitions>> {
  const { sections, clock, signal, onProgress } = options;
  const steps = openBackupInSteps<Definitions>(bundle, { keys }, { sections });
  let since = clock.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    onProgress?.({ phase: "open", ...step.value });
    if (clock.now() - since < TURN_MS) continue;
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 0, "foreground"));
    throwIfAborted(signal);
    since = clock.now();
  }
}
