import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Whether this system tells of its processes' memory as Linux does. @see proc(5) */
export const hasProc = (): boolean => existsSync("/proc/self/clear_refs");

/** Bytes of its memory that are resident. */
export const residentBytes = (pid: number): number => statusOf(pid, "VmRSS");

/** The most bytes that were resident at once since `resetPeak`. The kernel keeps count: no peak falls between two looks. */
export const peakBytes = (pid: number): number => statusOf(pid, "VmHWM");

export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function statusOf(pid: number, key: string): number {
  const [, kilobytes] =
    new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
