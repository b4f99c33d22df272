import type { Dump, MergeConflict } from "@cloudbackup/core";

/** A change, as its wallet told of it. */
export interface Told {
  device: string;
  section: "accounts" | "labels";
  /** Of the record. */
  id: string;
  /** Undefined: the record was removed. */
  key: string | undefined;
  /** Different in every change; numbers only grow. */
  value: string | number | undefined;
}

type Noted = Told & { isAcknowledged: boolean };

/** What happened to a wallet that several devices have, and what must have become of it. */
export class History {
  readonly #told: Noted[] = [];
  readonly #given: Dump;
  readonly #isUnited: boolean;
  readonly #reports: MergeConflict[] = [];

  /**
   * @param given what all devices had at first
   * @param isUnited what the server lost was united without a base: what was removed may be there again
   */
  constructor(given: Dump, isUnited: boolean) {
    this.#given = given;
    this.#isUnited = isUnited;
  }

  tell(change: Told): void {
    this.#told.push({ ...change, isAcknowledged: false });
  }

  /** How many changes were told so far, of which those of the device are what its next backup holds. */
  toldBy(device: string): { device: string; before: number } {
    return { device, before: this.#told.length };
  }

  acknowledge({ device, before }: ReturnType<History["toldBy"]>): void {
    for (const change of this.#told.slice(0, before)) if (change.device === device) change.isAcknowledged = true;
  }

  report(conflicts: readonly MergeConflict[]): void {
    this.#reports.push(...conflicts);
  }

  get acknowledged(): number {
    return this.#told.filter(({ isAcknowledged }) => isAcknowledged).length;
  }

  get reported(): number {
    return this.#reports.length;
  }

  /** What is wrong with a dump that all devices hold in the end. */
  faultsOf(final: Dump): string[] {
    return [...this.#lost(final), ...this.#strange(final)];
  }

  /** Acknowledged, and neither there, nor replaced later, nor removed by somebody, nor named as what gave way. */
  #lost(final: Dump): string[] {
    return this.#told.flatMap((change, at) => {
      if (!change.isAcknowledged) return [];
      const isLater = (other: Noted) => this.#told.indexOf(other) > at;
      const { device, section, id, key, value } = change;
      const ofRecord = this.#told.filter((other) => other.section === section && other.id === id);
      const record = recordOf(final, section, id);
      const what = `${device} told ${section}/${id} ${key ?? "removed"} ${value ?? ""}`;
      if (key === undefined) {
        // What somebody else changed, or wrote again, is kept.
        const isKept = ofRecord.some((other) => other.key !== undefined && (other.device !== device || isLater(other)));
        return record && !isKept && !this.#isUnited ? [`${what}: it is there again`] : [];
      }
      if (!record) return ofRecord.some((other) => other.key === undefined) ? [] : [`${what}: the record is lost`];
      if (typeof value === "number") {
        return (numberOf(record, key) ?? 0) >= value ? [] : [`${what}: it is ${numberOf(record, key)}`];
      }
      const isReplaced = ofRecord.some((other) => (other.key === key || other.key === undefined) && isLater(other));
      const isNamed = this.#reports.some(({ local, remote }) => local === value || remote === value);
      return record[key] === value || isReplaced || isNamed ? [] : [`${what}: it is ${record[key]}`];
    });
  }

  /** There, and nobody ever wrote it. */
  #strange(final: Dump): string[] {
    const found = [...final.accounts.map((each) => ["accounts", each.id, each] as const)];
    const labels = (final.labels ?? []).map((each) => ["labels", each.ref, each] as const);
    return [...found, ...labels].flatMap(([section, id, record]) => {
      const key = section === "accounts" ? "name" : "label";
      const value = (record as unknown as Record<string, unknown>)[key];
      const wasGiven = recordOf(this.#given, section, id)?.[key] === value;
      const wasTold = this.#told.some((change) => change.id === id && change.key === key && change.value === value);
      return wasGiven || wasTold ? [] : [`${section}/${id} is ${value}, which nobody wrote`];
    });
  }
}

function recordOf(dump: Dump, section: Told["section"], id: string): Record<string, unknown> | undefined {
  const record =
    section === "accounts" ? dump.accounts.find((each) => each.id === id) : dump.labels?.find(({ ref }) => ref === id);
  return record as unknown as Record<string, unknown> | undefined;
}

function numberOf(record: Record<string, unknown>, key: string): number | undefined {
  return (record[key] as { next: number } | undefined)?.next;
}
