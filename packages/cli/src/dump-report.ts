import type { Dump } from "@cloudbackup/client";
import { RawSection } from "@cloudbackup/core";
import type { Output } from "./output.ts";
import { safeText } from "./safe-text.ts";

/** A backup, and what it says of itself. */
export interface FoundBackup {
  readonly dump: Dump;
  readonly revision: number;
  readonly gen: number;
  readonly at: Date;
  readonly device: string;
  readonly app: string | undefined;
}

/** Sections that have a table of their own. */
const SHOWN = ["accounts", "pairings"];

/** What a person sees of a backup: no key of it, and no secret that it holds. */
export function reportOf(found: FoundBackup, output: Output): string[] {
  const { dump, revision, gen, at, device, app } = found;
  const lines = [
    `Revision ${revision}, generation ${gen}, written ${dateText(at)} by ${app === undefined ? "an unnamed program" : safeText(app)} on device ${device.slice(0, 8)}`,
    "",
    output.paint("bold", count(dump.accounts.length, "account")),
  ];
  if (dump.accounts.length > 0) {
    const rows = dump.accounts.map(({ name, kind, network, path, script, external, internal }) => [
      name,
      kind,
      network,
      path ?? "",
      script ?? "",
      `${external?.next ?? 0}/${internal?.next ?? 0}`,
    ]);
    lines.push(...output.table(["Name", "Kind", "Network", "Path", "Script", "Next keys"], rows));
  }
  lines.push("", output.paint("bold", count(dump.pairings.length, "pairing")));
  if (dump.pairings.length > 0) {
    const names = new Map(dump.accounts.map(({ id, name }) => [id, name]));
    const rows = dump.pairings.map(({ name, account, keys, pairedAt }) => [
      name,
      names.get(account) ?? account,
      String(keys ?? 0),
      pairedAt === undefined ? "" : dateText(new Date(pairedAt * 1000)),
    ]);
    lines.push(...output.table(["Device", "Account", "Keys", "Paired"], rows));
  }
  const others = Object.entries(dump).filter(([name, records]) => records && !SHOWN.includes(name));
  lines.push("", output.paint("bold", count(others.length, "other section")));
  if (others.length > 0) {
    const rows = others.map(([name, records]) => [
      name,
      records instanceof RawSection
        ? `${records.body.length} bytes, of a kind unknown here`
        : count(records?.length ?? 0, "record"),
    ]);
    lines.push(...output.table(["Section", "Holds"], rows));
  }
  return lines;
}

/** The same for programs. */
export function reportJson({ dump, revision, gen, at, device, app }: FoundBackup): object {
  return {
    revision,
    gen,
    at: at.toISOString(),
    device,
    app: app ?? null,
    accounts: dump.accounts.map(({ id, name, kind, network, path, script, external, internal }) => ({
      id,
      name,
      kind,
      network,
      path: path ?? null,
      script: script ?? null,
      external: external?.next ?? null,
      internal: internal?.next ?? null,
    })),
    pairings: dump.pairings.map(({ id, name, account, network, keys, pairedAt }) => ({
      id,
      name,
      account,
      network,
      keys: keys ?? null,
      pairedAt: pairedAt ?? null,
    })),
    sections: countsOf(dump),
  };
}

/** How many records each section has; null where its kind is unknown here. */
function countsOf(dump: Dump): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(dump).map(([name, records]) => [
      name,
      records instanceof RawSection ? null : (records?.length ?? 0),
    ]),
  );
}

/** What a date's number cannot hold is no date. */
export function dateText(date: Date): string {
  return Number.isNaN(date.getTime())
    ? "at an unknown time"
    : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}
