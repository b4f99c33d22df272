import * as v from "valibot";
import { isDerivationPath } from "../keys/derivation-path.ts";

/** Pieces of the schemas of this format's own sections. */

/** Message of a map's schema, which speaks for the keys that it misses too. */
export const isMap = (issue: v.BaseIssue<unknown>): string => (issue.path ? "must be there" : "must be a map");

export const text = v.pipe(v.string("must be text"), v.minLength(1, "must not be empty"));

export const uint = v.custom<number>(
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  "must be an integer from 0 to 2^53 − 1",
);

export const bool = v.boolean("must be true or false");

export const bytes = (length: number) =>
  v.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length, `must be ${length} bytes`);

/** 1–100 characters, counted as Unicode code points. */
export const name = v.pipe(
  v.string("must be text"),
  v.check((value) => value.length > 0 && [...value].length <= 100, "must have 1 to 100 characters"),
);

export const path = v.custom<string>(
  (value) => typeof value === "string" && isDerivationPath(value),
  "must be a BIP-32 path such as m/44'/0'/0'",
);
