import { type ChildProcess, execFile, spawn } from "node:child_process";
import { delimiter } from "node:path";
import { promisify } from "node:util";
import { root } from "../../scripts/setup.mjs";

const execute = promisify(execFile);

/** Longer than the slowest install on a busy machine: what hangs must end, too. */
const DEADLINE_MS = 5 * 60_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** What says where npm finds the registry; the rest of it belongs to the `npm run` that started this. */
const NPM_SETTINGS = /^npm_config_(registry|cafile|cache|userconfig|globalconfig|noproxy|.*proxy)$/i;

/** Runs commands in a folder, with an environment that knows nothing of the repository. */
export class Shell {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #signal: AbortSignal;

  constructor(folder: string, env: NodeJS.ProcessEnv, signal: AbortSignal) {
    this.folder = folder;
    this.#env = env;
    this.#signal = signal;
  }

  in(folder: string): Shell {
    return new Shell(folder, this.#env, this.#signal);
  }

  with(env: NodeJS.ProcessEnv): Shell {
    return new Shell(this.folder, { ...this.#env, ...env }, this.#signal);
  }

  /** With the programs of a folder before all others. */
  withPath(bin: string): Shell {
    return this.with({ PATH: `${bin}${delimiter}${this.#env.PATH}` });
  }

  /** What it prints to standard output. @throws an error with `stdout` and `stderr` where it ends with another code than 0 */
  async run(command: string, args: readonly string[]): Promise<string> {
    const options = { timeout: DEADLINE_MS, maxBuffer: MAX_OUTPUT_BYTES, signal: this.#signal };
    const { stdout } = await execute(command, args, { ...options, cwd: this.folder, env: this.#env });
    return stdout;
  }

  /** A program that runs until it is told to stop. */
  start(command: string, args: readonly string[]): ChildProcess {
    const options = { cwd: this.folder, env: this.#env, signal: this.#signal };
    return spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  }
}

/** What changes which packages there are and what programs do; beside them, NODE_EXTRA_CA_CERTS is the machine's affair. */
const OURS = /^(npm_|pnpm_|cloudbackup_|node_(path|options|env)$|init_cwd$)/i;

/** The environment without what would lead back into the repository, or set anything up. */
export function foreignEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => NPM_SETTINGS.test(name) || !OURS.test(name));
  const path = (env.PATH ?? "").split(delimiter).filter((folder) => !folder.startsWith(root));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}
