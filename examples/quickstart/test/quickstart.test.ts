import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@cloudbackup/client";
import { createServer } from "@cloudbackup/server";
import { expect, it } from "vitest";

const program = fileURLToPath(new URL("../src/quickstart.ts", import.meta.url));
const readme = fileURLToPath(new URL("../../../README.md", import.meta.url));

it("stands in the README word for word", async () => {
  expect(await readFile(readme, "utf8")).toContain(await readFile(program, "utf8"));
});

it("backs up and restores on a real server", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "cloudbackup-quickstart-"));
  const token = Promise.withResolvers<string>();
  const deliver = ({ link }: { link?: string | undefined }) =>
    token.resolve(new URL(link as string).hash.slice("#token=".length));
  const server = await createServer({ dataDir, mail: { deliver }, logLevel: "silent" });
  try {
    const url = await server.listen({ host: "127.0.0.1", port: 0 });
    const child = spawn(process.execPath, [program], { env: { ...process.env, CLOUDBACKUP_URL: url } });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const activated = token.promise.then((token) => createClient({ url }).activate({ token }));
    await Promise.race([activated, ended]);
    expect({ status: await ended, output }).toMatchObject({ status: 0 });
    expect(output).toContain("Stored as revision 1:");
    expect(output).toContain("Restored: Spending");
  } finally {
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});
