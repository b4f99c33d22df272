import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { refuseSecretArguments } from "../../src/secret-arguments.ts";

const HEX = "000102030405060708090a0b0c0d0e0f";

describe("refuseSecretArguments", () => {
  it.each([
    ["words", ["show", "letter", "advice", "cage", "absurd", "amount"]],
    ["words in one", ["show", " Letter advice\tcage absurd  amount "]],
    ["words of an option", ["show", "--words=letter advice cage absurd amount"]],
    ["words with accents", ["show", "ábaco", "abdomen", "abeja", "abierto", "abogado"]],
    ["words in Japanese", ["show", "あいこくしん　あいさつ　あいだ　あおぞら　あかちゃん"]],
    ["hex", ["show", HEX]],
    ["hex of an option", ["show", `--seed=${HEX.toUpperCase()}`]],
    ["the text of a paper wallet", ["show", `Seed=${HEX}&Time=1389726000`]],
  ])("refuses %s", (_, args) => {
    expect(() => refuseSecretArguments(args)).toThrow(UsageError);
  });

  it.each([
    ["commands and files", ["backup", "wallet.json", "--server", "https://backup.example", "--json"]],
    ["a user", ["login", "--username", "hodler21", "--password-fd", "3"]],
    ["a realm", ["show", "--accept-realm", HEX, "--json"]],
    ["a realm in one", ["show", `--accept-realm=${HEX}`]],
    ["a file with a long name", ["open", "my wallet of the last year.cloudbackup"]],
    ["nothing", []],
  ])("takes %s", (_, args) => {
    refuseSecretArguments(args);
  });
});
