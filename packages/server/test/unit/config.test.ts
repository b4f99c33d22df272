import { expect, test } from "vitest";
import { resolveConfig, type ServerConfig } from "../../src/config.ts";
import { createServer } from "../../src/index.ts";
import { LOOPBACK_ORIGINS } from "../../src/wallets/origins.ts";

test("everything but the folder has a default", () => {
  const config = resolveConfig({ dataDir: "somewhere" });
  expect(config).toMatchObject({
    database: "somewhere/cloudbackup.sqlite",
    name: "CloudBackup",
    origins: LOOPBACK_ORIGINS,
    registration: "open",
    activation: "mail",
    passwordSessionMs: 30 * 24 * 60 * 60 * 1000,
    walletSessionMs: 24 * 60 * 60 * 1000,
    logLevel: "info",
  });
});

test.each<[string, object]>([
  ['config has no option "orgins"', { orgins: [] }],
  ['config.mail has no option "smtp"', { mail: { smtp: "" } }],
  ["dataDir must be text", { dataDir: "" }],
  ["registration must be open or closed", { registration: "maybe" }],
  ["activation must be mail or none", { activation: "later" }],
  ["origins must be like https://backup.example", { origins: ["backup.example"] }],
  ["origins must be 16 at most", { origins: Array(17).fill("https://a.example") }],
  ["origins must be a list", { origins: "https://a.example" }],
  ["mail.smtpUrl must be a URL like smtp://", { mail: { smtpUrl: "mail.example" } }],
  ["passwordSessionMs must be milliseconds", { passwordSessionMs: 1.5 }],
  ["logLevel must be", { logLevel: "loud" }],
])("says that %s", async (message, wrong) => {
  const config = { dataDir: "unused", ...wrong } as ServerConfig;
  expect(() => resolveConfig(config)).toThrow(message);
  await expect(createServer(config)).rejects.toThrow(message);
});

test("a wrong SMTP URL is not repeated, since it may hold a password", () => {
  const mail = { smtpUrl: "http://user:hunter2@mail.example" };
  expect(() => resolveConfig({ dataDir: "unused", mail })).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining("hunter2") }),
  );
});
