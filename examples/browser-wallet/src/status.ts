import type { AutoStatus, Progress } from "@cloudbackup/client";
import { explain } from "./advice.ts";
import { el } from "./dom.ts";
import { formatBytes, formatTime } from "./format.ts";

const PHASES = { upload: "Uploading", download: "Downloading", open: "Opening and checking" } as const;

/** What is safe, and since when: always in sight, and read out when it changes. */
export class StatusLine {
  readonly #text = el("p", { role: "status", "aria-live": "polite", id: "status" });
  readonly #bar = el("progress", { "aria-label": "Progress", hidden: true });
  readonly element = el("div", { class: "status", "data-state": "none" }, this.#text, this.#bar);
  /** Told of what `data-state` is: `idle` where all is safe. */
  onState: (state: string) => void = () => undefined;
  #safeSince: Date | undefined;

  say(text: string, state = "none"): void {
    this.element.dataset.state = state;
    this.onState(state);
    // Said again only where it is something else.
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }

  /** All that the page holds is in a backup of that time. */
  safe(since: Date, revision: number): void {
    this.#safeSince = since;
    this.say(`All of it is safe since ${formatTime(since)} (revision ${revision}).`, "idle");
  }

  readonly progress = ({ phase, section, done, total }: Progress): void => {
    this.#bar.hidden = false;
    this.#bar.max = Math.max(total, 1);
    this.#bar.value = done;
    this.#bar.textContent = `${done} of ${total} bytes`;
    const what = section ? `${PHASES[phase]} ${section}` : PHASES[phase];
    this.say(`${what}: ${formatBytes(done)} of ${formatBytes(total)}`, "saving");
  };

  endProgress(): void {
    this.#bar.hidden = true;
  }

  readonly follow = ({ state, receipt, error, retryAt, unsavedSince }: AutoStatus): void => {
    const before = this.#safeSince ? ` What was here at ${formatTime(this.#safeSince)} is safe.` : "";
    if (state === "idle") {
      if (receipt) this.safe(receipt.storedAt, receipt.revision);
    } else if (error !== undefined && state !== "saving" && state !== "dirty") {
      const { what, advice } = explain(error);
      const next = retryAt ? ` It is tried again at ${formatTime(retryAt)}.` : "";
      this.say(`Not saved: ${what} ${advice}${next}${before}`, state);
    } else if (state === "saving") this.say(`Saving …${before}`, state);
    else if (state === "offline") this.say(`There is no network: a change waits for it.${before}`, state);
    else if (state === "overdue" && unsavedSince) {
      this.say(`Not saved since ${formatTime(unsavedSince)}.${before}`, state);
    } else if (state === "dirty") this.say(`A change is not saved yet.${before}`, state);
  };
}
