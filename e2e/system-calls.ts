import { spawnSync } from "node:child_process";

/** One that ended, by its lines in the trace: where it began and where it ended, which order them all. */
export interface SystemCall {
  name: string;
  /** What its first argument is open on: a path, or `TCP:[…]`. */
  file: string;
  /** All that it wrote. */
  data: Buffer;
  begin: number;
  end: number;
}

/** Larger than a page of the database, which is traced whole. */
const MAX_TRACED_BYTES = 8192;
const CALLS = "fsync,fdatasync,sync_file_range,msync,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg";

/** What to run a program under, so that `file` says what it wrote where. Signals reach the program, not strace. */
export function traced(file: string): string[] {
  const text = ["-xx", "-yy", "-s", String(MAX_TRACED_BYTES)];
  return ["strace", "-D", "-f", "-qq", ...text, "-e", `trace=${CALLS}`, "-e", "signal=none", "-o", file];
}

/** Why this machine cannot trace, in words, or null. */
export function whyNotTraced(): string | null {
  const { error, status, stderr } = spawnSync("strace", ["-qq", "-o", "/dev/null", "true"], { encoding: "utf8" });
  if (error) return "strace is not on this machine";
  return status === 0 ? null : `strace may not trace here: ${stderr.trim()}`;
}

/** Reads what strace wrote with the options of `traced`. Calls that failed, or never ended, are left out. */
export function parseTrace(trace: string): SystemCall[] {
  const calls: SystemCall[] = [];
  /** By thread, the line and text of a call that another thread's came into. */
  const unfinished = new Map<string, { begin: number; text: string }>();
  for (const [at, line] of trace.split("\n").entries()) {
    const [, thread = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const started = /^(.*) <unfinished \.\.\.>$/.exec(rest)?.[1];
    if (started !== undefined) {
      unfinished.set(thread, { begin: at, text: started });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1];
    const before = resumed === undefined ? { begin: at, text: "" } : unfinished.get(thread);
    if (!before) continue;
    unfinished.delete(thread);
    const [, name, file, written, result] =
      /^(\w+)\(\d+<([^>]*(?:->[^>]*)?)>(.*)\) += (-?\d+)/.exec(before.text + (resumed ?? rest)) ?? [];
    if (name === undefined || file === undefined || Number(result) < 0) continue;
    calls.push({
      name,
      file: bytesIn(file).toString() || file,
      data: bytesIn(written ?? ""),
      begin: before.begin,
      end: at,
    });
  }
  return calls;
}

/** What stands there as `\x..`. */
function bytesIn(text: string): Buffer {
  return Buffer.from([...text.matchAll(/\\x([0-9a-f]{2})/g)].map(([, hex]) => hex).join(""), "hex");
}
