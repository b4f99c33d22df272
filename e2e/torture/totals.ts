/** What a kill can meet: see torture.ts. */
export type KillKind = "load" | "start" | "stop";

/** What a run has seen. */
export interface Totals {
  kills: Record<KillKind, number>;
  /** Starts that were killed before the server listened. */
  midStart: number;
  /** Stops that were killed before the log was in the database. */
  midStop: number;
  /** Acknowledged. */
  commits: number;
  /** Downloads that were opened. */
  opened: number;
  /** Requests without an answer that had been carried out, */
  stored: number;
  /** and that had not. */
  absent: number;
}

export function noTotals(): Totals {
  return {
    kills: { load: 0, start: 0, stop: 0 },
    midStart: 0,
    midStop: 0,
    commits: 0,
    opened: 0,
    stored: 0,
    absent: 0,
  };
}

export function killsOf({ kills }: Totals): number {
  return kills.load + kills.start + kills.stop;
}
