import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../packages/server/dist/main.js", import.meta.url));

/** A server in a process of its own, with a folder of its own, where users are active at once. */
export interface BenchServer {
  url: string;
  stop(): Promise<void>;
}

/** Starts the built program on a free port, and waits until it says its URL. */
export async function startServer(): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), "cloudbackup-bench-"));
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      CLOUDBACKUP_DATA_DIR: folder,
      CLOUDBACKUP_PORT: "0",
      CLOUDBACKUP_ACTIVATION: "none",
      CLOUDBACKUP_LOG_LEVEL: "error",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output);
      if (found) resolve(found[0]);
    });
    child.on("close", () => reject(new Error(`the server ended before it listened:\n${output}`)));
  });
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
