import { spawnSync } from "node:child_process";

/** Whether this machine has strace, and lets it trace. */
export function isStraceHere(): boolean {
  return spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;
}

/** What to put in front of a program, so that each fsync and fdatasync of it becomes a line of a file. */
export function traceSyncs(path: string): string[] {
  // -D: the program stays the child of who starts it. The filter leaves its other calls as fast as they are.
  return ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-e", "trace=fsync,fdatasync", "-o", path];
}
