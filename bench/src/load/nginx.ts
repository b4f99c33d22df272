import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";

/** nginx with its DAV module, which keeps what is PUT to it as files below a folder. */
export class Nginx implements AsyncDisposable {
  readonly origin: string;
  readonly #child: ChildProcess;

  private constructor(origin: string, child: ChildProcess) {
    this.origin = origin;
    this.#child = child;
  }

  /** Whether it is on this machine, with the module. */
  static isHere(): boolean {
    const { stderr, error } = spawnSync("nginx", ["-V"], { encoding: "utf8" });
    return !error && stderr.includes("http_dav_module");
  }

  /** Starts it on a free port, with `folder` as its own. */
  static async start(folder: string): Promise<Nginx> {
    const port = await freePort();
    await mkdir(join(folder, "files"), { recursive: true });
    await writeFile(join(folder, "nginx.conf"), configuration(folder, port));
    const child = spawn("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const origin = `http://127.0.0.1:${port}`;
    await untilAnswered(origin, child);
    return new Nginx(origin, child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "close");
    this.#child.kill("SIGQUIT");
    await ended;
  }
}

function configuration(folder: string, port: number): string {
  // Started by root it would work as somebody who may not write here.
  const user = process.getuid?.() === 0 ? "user root;\n" : "";
  return `${user}daemon off;
worker_processes auto;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  client_max_body_size 64m;
  client_body_buffer_size 16k;
  client_body_temp_path ${folder}/temp;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/files;
    location / {
      dav_methods PUT;
      create_full_put_path on;
    }
  }
}
`;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function untilAnswered(origin: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error("nginx ended before it listened");
    try {
      await (await fetch(origin)).arrayBuffer();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
