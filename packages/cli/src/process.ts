import { createReadStream, openSync } from "node:fs";
import { homedir } from "node:os";
import { ReadStream, WriteStream } from "node:tty";
import { InterruptedError } from "./errors.ts";
import type { Io, TerminalDevice } from "./io.ts";
import { runProgram } from "./program.ts";

/** By signal, 128 and its number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const SAME_MS = 500;

/** Runs the program in this process. Beside `main.ts` the only file that touches it. */
export async function runProcess(): Promise<void> {
  const stop = new AbortController();
  let endedAtMs = 0;
  const end = (exitCode: number) => {
    const nowMs = performance.now();
    // Who asks a second time does not want to wait. At once it is the same: a terminal tells a program, and who started it tells it, too.
    if (stop.signal.aborted && nowMs - endedAtMs > SAME_MS) process.exit(exitCode);
    if (stop.signal.aborted) return;
    endedAtMs = nowMs;
    stop.abort(new InterruptedError(exitCode));
  };
  for (const [signal, exitCode] of Object.entries(SIGNALS)) process.on(signal, () => end(exitCode));
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // Who read along has seen enough; what is being done is brought to its end.
      if (error.code !== "EPIPE") throw error;
    });
  }
  const io: Io = {
    args: process.argv.slice(2),
    env: process.env,
    platform: process.platform,
    homeDir: homedir(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    openTerminal,
    openDescriptor: (fd) => createReadStream("", { fd }),
    stop: stop.signal,
    interrupt: () => end(SIGNALS.SIGINT),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  };
  const exitCode = await runProgram(io);
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise((resolve) => stream.write("", resolve));
  }
  // Connections that are kept for a next request would keep the process.
  process.exit(exitCode);
}

/** The terminal itself: a seed that is asked for does not come out of a pipe, and the question does not go into one. */
function openTerminal(): TerminalDevice | undefined {
  const [reads, writes] = process.platform === "win32" ? ["\\\\.\\CONIN$", "\\\\.\\CONOUT$"] : ["/dev/tty", "/dev/tty"];
  try {
    const input = new ReadStream(openSync(reads, "r+"));
    const output = new WriteStream(openSync(writes, "w"));
    return {
      input,
      output,
      close() {
        input.destroy();
        output.destroy();
      },
    };
  } catch {
    return undefined;
  }
}
