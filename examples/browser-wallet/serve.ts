// `npm run browser-wallet`: the page as it is built, and a backup server for trying out, until Ctrl-C.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));
const program = fileURLToPath(new URL("main.js", import.meta.resolve("@cloudbackup/server")));

await build({ root, logLevel: "warn" });
const page = await preview({ root, preview: { host: "127.0.0.1", port: 0 } });
const server = spawn(process.execPath, [program, "dev", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
let said = "";
server.stdout.setEncoding("utf8").on("data", (text: string) => {
  process.stdout.write(text);
  const isKnown = /listening at/.test(said);
  said += text;
  const url = /listening at (http:\S+?),/.exec(said)?.[1];
  if (isKnown || !url) return;
  const [address = ""] = page.resolvedUrls?.local ?? [];
  process.stdout.write(
    `\nThe wallet: ${address}?server=${encodeURIComponent(url)}\nActivation links appear below.\n\n`,
  );
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => server.kill("SIGTERM"));
server.on("close", async (code) => {
  await page.close();
  process.exitCode = code ?? 0;
});
