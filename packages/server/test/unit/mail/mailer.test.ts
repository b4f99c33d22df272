import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import PostalMime from "postal-mime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually, PASSWORD, startServer, type TestServer } from "../../support/server.ts";

let dataDir: string;
let server: TestServer | undefined;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "cloudbackup-mail-"));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(dataDir, { recursive: true });
});

const user = { username: "alice", password: PASSWORD, email: "alice@example.org" };

test("without SMTP a message is a file that only its owner reads, and the log says where", async () => {
  server = await startServer({
    dataDir,
    mail: { from: "Backups <backup@example.org>" },
    origins: ["https://b.example"],
  });
  const { app, logs } = server;
  await app.inject({ method: "POST", url: "/v1/users", payload: user });
  const line = await eventually(() => logs.find((each) => each.includes(".eml")));
  const [name = ""] = await readdir(join(dataDir, "mail"));
  const path = join(dataDir, "mail", name);
  expect(JSON.parse(line).path).toBe(path);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(dataDir, "mail"))).mode & 0o777).toBe(0o700);

  expect(await readFile(path, "utf8")).toMatch(/^https:\/\/b\.example\/activate#token=[\w-]{43}\r?$/m);
  const mail = await PostalMime.parse(await readFile(path));
  expect(mail.from).toMatchObject({ name: "Backups", address: "backup@example.org" });
  expect(mail.to).toMatchObject([{ address: "alice@example.org" }]);
  const [, token] = /https:\/\/b\.example\/activate#token=([\w-]{43})$/m.exec(mail.text ?? "") ?? [];
  expect(logs.join("")).not.toContain(token);
  const activated = await app.inject({ method: "POST", url: "/v1/users/activate", payload: { token } });
  expect(activated.statusCode).toBe(204);
});

test("a link without a public address leads to where the server listens", async () => {
  server = await startServer();
  const url = await server.app.listen({ host: "127.0.0.1", port: 0 });
  const { mails } = server;
  await server.app.inject({ method: "POST", url: "/v1/users", payload: user });
  expect(new URL((await eventually(() => mails[0])).link).origin).toBe(url);
});

/** As much of RFC 5321 as a message needs. */
async function startSmtp(onMessage: (message: string) => void) {
  const smtp = createTcpServer((socket: Socket) => {
    let inData = false;
    let received = "";
    socket.on("error", () => {});
    socket.write("220 test\r\n");
    socket.on("data", (chunk) => {
      received += chunk;
      if (inData && received.endsWith("\r\n.\r\n")) {
        onMessage(received.slice(0, -5));
        inData = false;
      } else if (inData || !received.endsWith("\r\n")) return;
      else if (received.startsWith("DATA")) inData = true;
      socket.write(inData ? "354 go on\r\n" : received.startsWith("QUIT") ? "221 bye\r\n" : "250 ok\r\n");
      received = "";
    });
  });
  smtp.listen(0, "127.0.0.1");
  await once(smtp, "listening");
  return { url: `smtp://127.0.0.1:${(smtp.address() as AddressInfo).port}`, close: () => smtp.close() };
}

test("with SMTP it is sent, after the reply", async () => {
  let message: string | undefined;
  const smtp = await startSmtp((received) => {
    message = received;
  });
  server = await startServer({ dataDir, mail: { smtpUrl: smtp.url, from: "backup@example.org" } });
  await server.app.inject({ method: "POST", url: "/v1/users", payload: user });
  // Closing waits for mail that is under way.
  await server.close();
  server = undefined;
  const mail = await PostalMime.parse(message as string);
  expect(mail.subject).toBe("Activate your user at CloudBackup");
  expect(mail.text).toContain("/activate#token=");
  smtp.close();
});
