/** One measured figure, as `--json` prints it. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  /** What it is measured beside, in the same unit; null where the figure speaks for itself. */
  peer: { name: string; value: number } | null;
  /** `value` by that of the peer. */
  ratio: number | null;
  /** What is promised of the ratio (`≥ 0.3 ×`) or of the value (`≤ 4096 B`); null where nothing is. */
  goal: string | null;
  /** Whether it is kept; null where there is no goal, or no peer on this machine. */
  pass: boolean | null;
  /** What a reader must know to read the figure rightly. */
  note?: string;
}

export interface Goal {
  of: "ratio" | "value";
  bound: "≥" | "≤";
  limit: number;
}

export const ratioAtLeast = (limit: number): Goal => ({ of: "ratio", bound: "≥", limit });
export const ratioAtMost = (limit: number): Goal => ({ of: "ratio", bound: "≤", limit });
export const atMost = (limit: number): Goal => ({ of: "value", bound: "≤", limit });

/** Judges a figure. */
export function rowOf(figure: {
  name: string;
  value: number;
  unit: string;
  peer?: { name: string; value: number } | undefined;
  goal?: Goal | undefined;
  note?: string | undefined;
}): Row {
  const { name, value, unit, peer = null, goal, note } = figure;
  const ratio = peer ? value / peer.value : null;
  const judged = goal?.of === "ratio" ? ratio : value;
  return {
    name,
    value,
    unit,
    peer,
    ratio,
    goal: goal ? `${goal.bound} ${goal.limit} ${goal.of === "ratio" ? "×" : unit}` : null,
    pass: goal && judged !== null ? (goal.bound === "≥" ? judged >= goal.limit : judged <= goal.limit) : null,
    ...(note === undefined ? {} : { note }),
  };
}
