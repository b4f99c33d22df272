import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isDerivationPath } from "../keys/derivation-path.ts";
import { isRecord } from "./records.ts";

/** Pieces of the schemas of this format's own sections. Keys that a map's schema does not name are taken as they are. */

/** What is wrong with a value, and where in it. */
interface Problem {
  message: string;
  path: readonly string[];
}

/** Undefined where nothing is wrong. */
export type Check = (value: unknown) => Problem | undefined;

export const must =
  (holds: (value: unknown) => boolean, message: string): Check =>
  (value) =>
    holds(value) ? undefined : { message, path: [] };

export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined ? undefined : check(value);

/** One check after the other; each may rely on those before it. */
export const all =
  (...checks: readonly Check[]): Check =>
  (value) => {
    for (const check of checks) {
      const problem = check(value);
      if (problem) return problem;
    }
    return undefined;
  };

export function map(keys: Readonly<{ [key: string]: Check }>): Check {
  const checks = Object.entries(keys);
  return (value) => {
    if (!isRecord(value)) return { message: "must be a map", path: [] };
    for (const [key, check] of checks) {
      const problem = check(value[key]);
      if (!problem) continue;
      const message = value[key] === undefined ? "must be there" : problem.message;
      return { message, path: [key, ...problem.path] };
    }
    return undefined;
  };
}

export const listOf =
  (check: Check, message: string): Check =>
  (value) => {
    if (!Array.isArray(value)) return { message, path: [] };
    for (const [index, item] of value.entries()) {
      const problem = check(item);
      if (problem) return { ...problem, path: [String(index), ...problem.path] };
    }
    return undefined;
  };

/** The schema that a check is. @see https://standardschema.dev */
export function schemaOf<Record>(check: Check): StandardSchemaV1<Record, unknown> {
  const validate = (value: unknown) => {
    const problem = check(value);
    return problem ? { issues: [problem] } : { value };
  };
  return { "~standard": { version: 1, vendor: "cloudbackup", validate } };
}

/** Text that may be empty. */
export const anyText = must((value) => typeof value === "string", "must be text");

export const text = all(
  anyText,
  must((value) => value !== "", "must not be empty"),
);

export const uint = must(
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  "must be an integer from 0 to 2^53 − 1",
);

/** An integer from 0 to `max`. */
export const uintTo = (max: number): Check =>
  must(
    (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max,
    `must be an integer from 0 to ${max}`,
  );

export const bool = must((value) => typeof value === "boolean", "must be true or false");

/** A byte string that fits; without `fits`, any. */
export const byteString = (message = "must be bytes", fits: (bytes: Uint8Array) => boolean = () => true): Check =>
  must((value) => value instanceof Uint8Array && fits(value), message);

export const bytes = (length: number): Check =>
  byteString(`must be ${length} bytes`, (value) => value.length === length);

/** 1–100 characters, counted as Unicode code points. */
export const name = all(
  anyText,
  must((value) => value !== "" && [...(value as string)].length <= 100, "must have 1 to 100 characters"),
);

export const path = must(
  (value) => typeof value === "string" && isDerivationPath(value),
  "must be a BIP-32 path such as m/44'/0'/0'",
);
