#!/usr/bin/env node
/*
 * The only file that touches the process. An old Node must be able to load it, to be told so: nothing but Node's own is imported
 * before that.
 */
import { createReadStream, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { homedir } from "node:os";
import type { Readable } from "node:stream";
import { ReadStream, WriteStream } from "node:tty";
import type { Io, TerminalDevice } from "./io.ts";
import { nodeVersionProblem } from "./node-version.ts";

/** By signal, 128 and its number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Within that, two signals are one: a terminal tells a program, and who started the program tells it, too. */
const SAME_SIGNAL_MS = 500;

async function runProcess(): Promise<void> {
  // Only now: libraries end an old Node with what nobody understands.
  const [{ runProgram }, { InterruptedError }] = await Promise.all([import("./program.ts"), import("./errors.ts")]);
  const stop = new AbortController();
  let endedAtMs = 0;
  const end = (exitCode: number) => {
    const nowMs = performance.now();
    // Who asks a second time does not want to wait.
    if (stop.signal.aborted && nowMs - endedAtMs > SAME_SIGNAL_MS) process.exit(exitCode);
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
    openDescriptor,
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
    // It was closed, with whoever sat there: its signal says so.
    for (const stream of [input, output]) stream.on("error", () => undefined);
    // Who stopped this program and let it go on may have left the echo on.
    const goOn = () => {
      input.setRawMode(false);
      input.setRawMode(true);
    };
    process.on("SIGCONT", goOn);
    return {
      input,
      output,
      close() {
        process.off("SIGCONT", goOn);
        input.destroy();
        output.destroy();
      },
    };
  } catch {
    return undefined;
  }
}

/**
 * Of a pipe by events: a read that waits in a thread could not be ended, nor the process before it. Nothing else is closed here: a number
 * that nobody has handed over can be one that Node holds itself, and aborts without.
 */
function openDescriptor(fd: number): Readable {
  return isPipe(fd)
    ? new Socket({ fd, readable: true, writable: false })
    : createReadStream("", { fd, autoClose: false });
}

function isPipe(fd: number): boolean {
  try {
    const found = fstatSync(fd);
    return found.isFIFO() || found.isSocket();
  } catch {
    // Who reads it finds out why.
    return false;
  }
}

const problem = nodeVersionProblem(process.versions.node);
if (problem) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
} else {
  await runProcess();
}
