import { spawn as spawnChild } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { type IPty, spawn as spawnPty } from "@lydell/node-pty";
import { build, type Plugin } from "esbuild";
import { afterAll, expect } from "vitest";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PACKAGES = "../../../";

let bundled: Promise<string> | undefined;
const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A folder that is gone after the tests of the file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cloudbackup-cli-"));
  folders.push(folder);
  return folder;
}

/** The program of the sources as they are, in one file: nothing needs to be built before its tests. */
function programFile(): Promise<string> {
  bundled ??= bundle();
  return bundled;
}

/** The workspace's packages are taken as they are in their folders, not as they were built last. */
const sources: Plugin = {
  name: "sources",
  setup(builder) {
    builder.onResolve({ filter: /^@cloudbackup\/(client|core)(\/.*)?$/ }, ({ path }) => {
      const [, name, ...entry] = path.split("/");
      return { path: source(`${PACKAGES}${name}/src/${entry.join("/") || "index"}.ts`) };
    });
    builder.onResolve({ filter: /^#/ }, ({ path }) => ({ path: source(`${PACKAGES}${PLATFORM[path]}`) }));
  },
};

/** What the packages' "imports" choose on Node. */
const PLATFORM: Readonly<Record<string, string>> = {
  "#cbor": "core/src/cbor-library/full.ts",
  "#curves": "core/src/curves/full.ts",
  "#primitives": "core/src/primitives/native.ts",
  "#fetch": "client/src/fetch-node.ts",
};

async function bundle(): Promise<string> {
  const outfile = join(await temporaryFolder(), "main.mjs");
  await build({
    entryPoints: [source("../../src/main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    logLevel: "error",
    // The client does without.
    external: ["undici"],
    plugins: [sources],
    // What Node would load of some libraries no bundler can follow.
    mainFields: ["module", "main"],
    // Libraries that are no ES modules.
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
  });
  return outfile;
}

/** How the program is started. */
export interface Start {
  args: readonly string[];
  /** Beside a PATH and a HOME of its own. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** In a terminal: a line of the shell in which `$CLOUDBACKUP` stands for the program, instead of `args`. */
  shell?: string;
}

/** What it finds in its environment: nothing of the machine's that the tests run on. */
async function environment(env: Start["env"] = {}): Promise<Record<string, string>> {
  const home = env.HOME ?? (await temporaryFolder());
  return {
    PATH: process.env.PATH ?? "",
    HOME: home,
    TERM: "xterm-256color",
    LANG: "C.UTF-8",
    // The program starts often, and is compiled once.
    NODE_COMPILE_CACHE: join(dirname(await programFile()), "compiled"),
    ...env,
  };
}

/** The program at a terminal, and somebody who types. */
export class Session {
  readonly #pty: IPty;
  /** All that the terminal was sent, escapes and all: with echo on, what is typed would be in it. */
  output = "";
  #seen = 0;
  /** Its exit code, or what a shell would say of a signal. */
  readonly ended: Promise<number>;
  readonly #waiters = new Set<() => void>();
  #hasEnded = false;

  private constructor(pty: IPty) {
    this.#pty = pty;
    pty.onData((data) => {
      this.output += data;
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      pty.onExit(({ exitCode, signal }) => {
        this.#hasEnded = true;
        resolve(signal ? 128 + signal : exitCode);
        this.#wake();
      });
    });
  }

  static async start({ args, env, cwd, shell }: Start): Promise<Session> {
    const program = await programFile();
    const [file, rest] =
      shell === undefined
        ? [process.execPath, [program, ...args]]
        : ["/bin/sh", ["-c", shell.replaceAll("$CLOUDBACKUP", `"${process.execPath}" "${program}"`)]];
    return new Session(
      spawnPty(file, rest, { cols: 100, rows: 40, cwd: cwd ?? (await temporaryFolder()), env: await environment(env) }),
    );
  }

  /** What a person sees of it, without escapes. */
  get text(): string {
    return stripVTControlCharacters(this.output).replaceAll("\r", "");
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Waits until this stands there, below what was waited for before. */
  async shows(what: string | RegExp): Promise<void> {
    const find = (): boolean => {
      const rest = this.text.slice(this.#seen);
      const at = typeof what === "string" ? rest.indexOf(what) : rest.search(what);
      if (at < 0) return false;
      const length = typeof what === "string" ? what.length : (what.exec(rest)?.[0].length ?? 0);
      this.#seen += at + length;
      return true;
    };
    const limit = Date.now() + 20_000;
    while (!find()) {
      if (this.#hasEnded || Date.now() > limit) {
        expect.fail(`the terminal does not show ${what}, but:\n${this.text.slice(this.#seen)}`);
      }
      await this.#change();
    }
  }

  /** Types without Enter. */
  type(keys: string): void {
    this.#pty.write(keys);
  }

  enter(line: string): void {
    this.type(`${line}\r`);
  }

  /** Waits for a question, and answers it. */
  async answer(question: string | RegExp, line: string): Promise<void> {
    await this.shows(question);
    this.enter(line);
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.type("\u0003");
  }

  kill(signal: NodeJS.Signals): void {
    this.#pty.kill(signal);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, 1_000);
      this.#waiters.add(done);
    });
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
  }
}

/** The program with pipes and no terminal, as other programs start it. */
export async function runPiped(
  start: Omit<Start, "shell"> & { input?: string | Uint8Array; descriptors?: readonly string[] },
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { args, env, cwd, input = "", descriptors = [] } = start;
  const child = spawnChild(process.execPath, [await programFile(), ...args], {
    cwd: cwd ?? (await temporaryFolder()),
    env: await environment(env),
    stdio: ["pipe", "pipe", "pipe", ...descriptors.map(() => "pipe" as const)],
    // A session of its own has no terminal, also where the tests run in one.
    detached: true,
  });
  const result = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk) => (result.stdout += chunk));
  child.stderr?.on("data", (chunk) => (result.stderr += chunk));
  for (const [i, text] of [input, ...descriptors].entries()) {
    const stream = child.stdio[i === 0 ? 0 : i + 2] as NodeJS.WritableStream;
    // Not everything is read by every command.
    stream.on("error", () => undefined);
    stream.end(text);
  }
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, ...result };
}
