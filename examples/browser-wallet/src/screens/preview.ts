import type { RestoredBackup } from "@cloudbackup/client";
import { button, el } from "../dom.ts";
import { formatTime } from "../format.ts";

/** What a backup holds, before anything is taken from it. */
export function previewScreen(restored: RestoredBackup, actions: { accept(): void; decline(): void }): Node {
  const { dump, revision, at, device, app } = restored;
  const facts = [
    ["Written", formatTime(at)],
    ["By", `device ${device.slice(0, 8)}${app ? `, ${app}` : ""}`],
    ["Revision", `${revision}`],
  ];
  const counts = Object.entries(dump).flatMap(([name, section]) =>
    Array.isArray(section) ? [[name, `${section.length}`]] : [],
  );
  return el(
    "section",
    {},
    el("h2", {}, "There is a backup"),
    el(
      "dl",
      { class: "facts" },
      ...facts.flatMap(([name = "", fact = ""]) => [el("dt", {}, name), el("dd", {}, fact)]),
    ),
    el(
      "table",
      {},
      el("caption", {}, "What it holds"),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Section"), el("th", { scope: "col" }, "Entries"))),
      el(
        "tbody",
        {},
        ...counts.map(([name = "", count = ""]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, count))),
      ),
    ),
    ...(restored.unsavedChanges
      ? [el("p", { class: "warning" }, "This page had changes that were not stored. They are not in this backup.")]
      : []),
    el(
      "p",
      { class: "actions" },
      button("Restore this", actions.accept),
      button("Not now", actions.decline, { class: "quiet" }),
    ),
  );
}
