import { expect, it } from "vitest";
import * as errors from "../../src/errors.ts";

const { CloudBackupError, IncompleteError, InvalidDumpError, ...simple } = errors;
const all = [
  ...Object.values(simple).map((Class) => new Class("what", { cause: 1 })),
  new IncompleteError("what", ["00"], { cause: 1 }),
  new InvalidDumpError("what", { section: "labels" }, { cause: 1 }),
];

it("has a code for every class, each its own", () => {
  expect(Object.fromEntries(all.map((error) => [error.name, error.code]))).toEqual({
    UnsupportedVersionError: "ERR_CB_UNSUPPORTED_VERSION",
    DoesNotDecryptError: "ERR_CB_DOES_NOT_DECRYPT",
    TamperedError: "ERR_CB_TAMPERED",
    IncompleteError: "ERR_CB_INCOMPLETE",
    InvalidDumpError: "ERR_CB_INVALID_DUMP",
    TooLargeError: "ERR_CB_TOO_LARGE",
  });
  for (const error of all) {
    expect(error).toBeInstanceOf(CloudBackupError);
    expect([error.cause, error.retryable]).toEqual([1, false]);
  }
});

it("has a cause only where one was given", () => {
  expect("cause" in new errors.TamperedError("what")).toBe(false);
  expect(new CloudBackupError("ERR_CB_X", "what", { retryable: true }).retryable).toBe(true);
});

it("says where a dump is wrong", () => {
  const messageOf = (at: { section: string; index?: number; path?: string }) =>
    new InvalidDumpError("is wrong", at).message;
  expect(messageOf({ section: "labels" })).toBe("labels: is wrong");
  expect(messageOf({ section: "labels", index: 0 })).toBe("labels[0]: is wrong");
  expect(messageOf({ section: "labels", index: 3, path: "a.b" })).toBe("labels[3].a.b: is wrong");
});
