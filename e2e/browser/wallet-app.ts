import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "e2e/browser/app");

/** The page of `app/`, made for browsers as a wallet's bundler makes it, and served from an origin of its own. */
export class WalletApp {
  readonly url: string;
  /** What the bundle is made of. */
  readonly inputs: Metafile["inputs"];
  readonly #server: Server;

  private constructor(server: Server, url: string, inputs: Metafile["inputs"]) {
    this.#server = server;
    this.url = url;
    this.inputs = inputs;
  }

  /** @param backupUrl the one server that the page may talk to */
  static async start(backupUrl: string): Promise<WalletApp> {
    const { outputFiles, metafile } = await build({
      absWorkingDir: root,
      entryPoints: {
        main: join(folder, "main.ts"),
        style: join(folder, "style.css"),
        index: join(folder, "index.html"),
      },
      loader: { ".html": "copy" },
      bundle: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      outdir: folder,
      write: false,
      metafile: true,
      // The packages as they are installed, by their "exports" and "imports": what was built, not the sources.
      nodePaths: [join(root, "examples/quickstart/node_modules")],
      tsconfigRaw: {},
    });
    const files = new Map(outputFiles.map(({ path, contents }) => [path.slice(folder.length), contents]));
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
      const path = pathname === "/" ? "/index.html" : pathname;
      const file = files.get(path);
      if (!file) return void response.writeHead(404).end();
      response
        .writeHead(200, { "content-type": typeOf(path), "content-security-policy": policyFor(backupUrl) })
        .end(file);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return new WalletApp(server, `http://127.0.0.1:${port}/`, metafile.inputs);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** As strict as a wallet's can be: no inline script, no `eval`, no WebAssembly, one server. */
function policyFor(backupUrl: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src ${new URL(backupUrl).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

function typeOf(path: string): string {
  const types: Record<string, string> = { html: "text/html", css: "text/css", js: "text/javascript" };
  return `${types[path.split(".").at(-1) ?? ""]}; charset=utf-8`;
}
