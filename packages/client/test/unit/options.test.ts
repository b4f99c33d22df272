import { defineSection, portablePrimitives } from "@cloudbackup/core";
import { describe, expect, it } from "vitest";
import { type ClientOptions, resolveOptions } from "../../src/options.ts";

const url = "https://backup.example";
const urlOf = (value: string | URL, allowInsecure?: boolean) => resolveOptions({ url: value, allowInsecure }).url.href;

describe("url", () => {
  it("is https, or http where nobody can listen", () => {
    expect(urlOf("https://backup.example")).toBe("https://backup.example/");
    expect(urlOf(new URL("https://backup.example/under/a/path"))).toBe("https://backup.example/under/a/path/");
    for (const local of ["http://localhost:8787", "http://127.0.0.1", "http://127.1.2.3:1", "http://[::1]:8787"]) {
      expect(urlOf(local)).toBe(`${local}/`);
    }
    expect(urlOf(`http://${"a".repeat(56)}.onion`)).toBe(`http://${"a".repeat(56)}.onion/`);
  });

  it.each([
    "http://backup.example",
    "http://localhost.example",
    "http://127.0.0.1.example",
    "http://example.localhost",
    "http://onion",
    "http://10.0.0.7",
    "http://[::2]",
  ])("refuses %s unless it may be insecure", (insecure) => {
    expect(() => urlOf(insecure)).toThrow(RangeError);
    expect(urlOf(insecure, true)).toBe(`${insecure}/`);
  });

  it.each(["ftp://backup.example", "ws://localhost", "file:///etc"])("is never %s", (other) => {
    expect(() => urlOf(other, true)).toThrow(RangeError);
  });

  it.each([
    "",
    "backup.example",
    "/v1",
    "https://a:b@backup.example",
    "https://a@b.example",
    "https://b.example/?q=1",
    "https://b.example/#h",
  ])("refuses %j", (wrong) => {
    expect(() => urlOf(wrong)).toThrow(TypeError);
  });

  it("is the same with an empty query and fragment: pins belong to it", () => {
    expect(urlOf("https://backup.example/?#")).toBe("https://backup.example/");
  });

  it("leaves a given URL as it is, and repeats no password", () => {
    const given = new URL("https://backup.example/a");
    resolveOptions({ url: given });
    expect(given.href).toBe("https://backup.example/a");
    expect(() => urlOf("https://user:hunter2@b.example")).toThrow(expect.not.stringContaining("hunter2"));
  });
});

describe("options", () => {
  it("have defaults", () => {
    const resolved = resolveOptions({ url });
    expect(resolved).toMatchObject({
      sections: [],
      retry: { attempts: 3, baseMs: 250, maxMs: 5_000 },
      timeoutMs: 30_000,
      maxDownloadBytes: 335_544_320,
      app: undefined,
    });
    expect(resolved.random(16)).toHaveLength(16);
    expect(resolved.clock.now()).toBeGreaterThan(Date.parse("2026-01-01"));
  });

  it.each<[string, object, ErrorConstructor | TypeErrorConstructor]>([
    ["urls", { urls: 1 }, TypeError],
    ["allowInsecure", { allowInsecure: "yes" }, TypeError],
    ["storage", { storage: { get: async () => undefined } }, TypeError],
    ["storage", { storage: null }, TypeError],
    ["fetch", { fetch: "fetch" }, TypeError],
    ["clock", { clock: { now: () => 0 } }, TypeError],
    ["connectivity", { connectivity: { isOnline: () => true } }, TypeError],
    ["random", { random: 4 }, TypeError],
    ["primitives", { primitives: { ...portablePrimitives, sha256: undefined } }, TypeError],
    ["timeoutMs", { timeoutMs: 0 }, RangeError],
    ["timeoutMs", { timeoutMs: 2 ** 31 }, RangeError],
    ["timeoutMs", { timeoutMs: Number.NaN }, RangeError],
    ["timeoutMs", { timeoutMs: "30" }, TypeError],
    ["maxDownloadBytes", { maxDownloadBytes: -1 }, RangeError],
    ["app", { app: 1 }, TypeError],
    ["retry", { retry: 3 }, TypeError],
    ["toString", { retry: { toString: 3 } }, TypeError],
    ["retry.attempts", { retry: { attempts: 0 } }, RangeError],
    ["retry.baseMs", { retry: { baseMs: 1.5 } }, RangeError],
    ["retry.maxMs", { retry: { maxMs: Number.POSITIVE_INFINITY } }, RangeError],
  ])("refuse a wrong %s", (name, wrong, kind) => {
    const resolve = () => resolveOptions({ url, ...wrong } as ClientOptions);
    expect(resolve).toThrow(kind);
    expect(resolve).toThrow(name);
  });

  it("take undefined as not given", () => {
    const given = { url, timeoutMs: undefined, retry: { attempts: 5, baseMs: undefined } };
    expect(resolveOptions(given as unknown as ClientOptions)).toMatchObject({
      timeoutMs: 30_000,
      retry: { attempts: 5, baseMs: 250, maxMs: 5_000 },
    });
  });

  it("refuse two definitions of one section", () => {
    const schema = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
    const notes = defineSection({ name: "acme.notes", schema, identity: () => "1" });
    expect(() => resolveOptions({ url, sections: [notes, notes] })).toThrow(RangeError);
  });

  it("are an object", () => {
    expect(() => resolveOptions(undefined as unknown as ClientOptions)).toThrow(TypeError);
    expect(() => resolveOptions("https://backup.example" as unknown as ClientOptions)).toThrow(TypeError);
  });
});
