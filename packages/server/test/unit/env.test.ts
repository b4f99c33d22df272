import { expect, test } from "vitest";
import { configFromEnv } from "../../src/env.ts";

test("nothing set is a server for oneself", () => {
  expect(configFromEnv({})).toEqual({
    server: { dataDir: "./data", mail: {} },
    host: "127.0.0.1",
    port: 8787,
    warnings: [],
  });
});

test("everything can be set", () => {
  const config = configFromEnv({
    CLOUDBACKUP_DATA_DIR: "/var/lib/cloudbackup",
    CLOUDBACKUP_HOST: "0.0.0.0",
    CLOUDBACKUP_PORT: "0",
    CLOUDBACKUP_ORIGINS: "https://backup.example, http://backup.onion",
    CLOUDBACKUP_REGISTRATION: "closed",
    CLOUDBACKUP_ACTIVATION: "none",
    CLOUDBACKUP_SMTP_URL: "smtps://user:password@mail.example",
    CLOUDBACKUP_MAIL_FROM: "backup@example.org",
    CLOUDBACKUP_NAME: "Backups",
    CLOUDBACKUP_LOG_LEVEL: "warn",
    PATH: "/bin",
  });
  expect(config).toEqual({
    server: {
      dataDir: "/var/lib/cloudbackup",
      origins: ["https://backup.example", "http://backup.onion"],
      registration: "closed",
      activation: "none",
      mail: { smtpUrl: "smtps://user:password@mail.example", from: "backup@example.org" },
      name: "Backups",
      logLevel: "warn",
    },
    host: "0.0.0.0",
    port: 0,
    warnings: [],
  });
});

test("an empty variable is one that is not set", () => {
  expect(configFromEnv({ CLOUDBACKUP_PORT: "", CLOUDBACKUP_ORIGINS: " " })).toEqual(configFromEnv({}));
});

test.each([
  ["CLOUDBACKUP_PORT", "eighty", 'CLOUDBACKUP_PORT must be a port from 0 to 65535, not "eighty"'],
  ["CLOUDBACKUP_PORT", "70000", 'CLOUDBACKUP_PORT must be a port from 0 to 65535, not "70000"'],
  ["CLOUDBACKUP_REGISTRATION", "maybe", 'CLOUDBACKUP_REGISTRATION must be open or closed, not "maybe"'],
  [
    "CLOUDBACKUP_ORIGINS",
    "backup.example",
    'CLOUDBACKUP_ORIGINS must be like https://backup.example, without a path, not "backup.example"',
  ],
  [
    "CLOUDBACKUP_SMTP_URL",
    "mail.example",
    "CLOUDBACKUP_SMTP_URL must be a URL like smtp://user:password@mail.example:587",
  ],
])("%s=%s is refused in terms of the variable", (name, value, message) => {
  expect(() => configFromEnv({ [name]: value })).toThrow(expect.objectContaining({ code: "ERR_CB_CONFIG", message }));
});

test("a variable that nobody reads is pointed out", () => {
  const { warnings } = configFromEnv({ CLOUDBACKUP_ORIGIN: "https://backup.example" });
  expect(warnings).toEqual(['CLOUDBACKUP_ORIGIN is no setting of the server; "cloudbackup-server --help" lists them']);
});
