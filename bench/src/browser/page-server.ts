import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const PAGE = fileURLToPath(new URL("./page.ts", import.meta.url));

/** An origin that serves the page of the bench, and bytes beside it. */
export async function servePage(bytes: Uint8Array): Promise<{ url: string; bytesUrl: string } & AsyncDisposable> {
  await using bundle = await rolldown({ input: PAGE, platform: "browser", tsconfig: false, logLevel: "silent" });
  const { output } = await bundle.generate({ format: "esm", minify: true, codeSplitting: false });
  const html = '<!doctype html><meta charset="utf-8"><title>Bench</title><script type="module" src="page.js"></script>';
  const files: Record<string, { type: string; body: string | Uint8Array }> = {
    "/": { type: "text/html", body: html },
    "/page.js": { type: "text/javascript", body: output[0].code },
    "/bytes": { type: "application/octet-stream", body: bytes },
  };
  const server = createServer((request, response) => {
    const file = files[request.url ?? ""];
    if (file) response.writeHead(200, { "content-type": file.type }).end(file.body);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    bytesUrl: `${url}bytes`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
