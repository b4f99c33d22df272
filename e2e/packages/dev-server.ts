import { join } from "node:path";
import type { Shell } from "../tools/shell.ts";

/**
 * Runs `cloudbackup-server dev` as npm installed it into the shell's folder, for as long as `use` takes, and opens every
 * activation link that it prints, as a person would.
 *
 * @throws Error with what it said, where it does not start or does not end well
 */
export async function withDevServer<T>(shell: Shell, use: (url: string) => Promise<T>): Promise<T> {
  const program = join(shell.folder, "node_modules", ".bin", "cloudbackup-server");
  const child = shell.start(program, ["dev", "--port", "0"]);
  let output = "";
  const listening = Promise.withResolvers<string>();
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(`exit code ${code ?? signal}`));
  });
  const opened = new Set<string>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const url = /listening at (http:\S+?),/.exec(output)?.[1];
      if (url) listening.resolve(url);
      for (const [, page = "", token = ""] of output.matchAll(/^Mail to \S+: (\S+)#token=([\w-]+)$/gm)) {
        if (opened.has(token)) continue;
        opened.add(token);
        activate(new URL(page).origin, token).catch((error) => {
          output += `${error}\n`;
          child.kill();
        });
      }
    });
  }
  void ended.then((how) => listening.reject(new Error(`The server did not start: ${how}\n${output}`)));
  let result: T;
  let how: string;
  try {
    result = await use(await listening.promise);
  } finally {
    child.kill("SIGTERM");
    how = await ended;
  }
  if (how !== "exit code 0") throw new Error(`The server ended with ${how}\n${output}`);
  return result;
}

async function activate(origin: string, token: string): Promise<void> {
  const { status } = await fetch(`${origin}/v1/users/activate`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (status !== 204) throw new Error(`The activation link was answered with ${status}`);
}
