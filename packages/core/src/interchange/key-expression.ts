import { bytesToHex, hexToBytes } from "../bytes.ts";
import { isDerivationPath } from "../keys/derivation-path.ts";
import { ImportError, type Place } from "./errors.ts";
import {
  type ExtendedKey,
  isExtendedKeyLike,
  isPrivateKeyLike,
  PRIVATE_KEY,
  parseExtendedKey,
} from "./extended-key.ts";

/** Where a key comes from. */
export interface KeyOrigin {
  /** Of the master key, 4 bytes. */
  fingerprint: Uint8Array;
  /** BIP-32 path from there to the key: `m/84'/0'/0'`. */
  path: string;
}

/** A key in a descriptor. @see BIP-380, "Key Expressions" */
export interface KeyExpression {
  /** Tells it from other arguments. */
  type: "key";
  /** Where the key comes from, if that is said. */
  origin?: KeyOrigin;
  /** Hex of a public key, or an extended key as `xpub` or `tpub`. */
  key: string;
  /** What the extended key says; absent of a single key. */
  extended?: ExtendedKey;
  /** Steps below the key, `h` for hardened: `/<0;1>/*`; empty where there are none. */
  derivation: string;
}

const INDEX_LIMIT = 2 ** 31;
const NUMBER = "(?:0|[1-9]\\d{0,9})";
const STEP = `/${NUMBER}[hH']?`;
const TUPLE = `/<${NUMBER}[hH']?(?:;${NUMBER}[hH']?)+>`;

const ORIGIN = new RegExp(`^\\[([0-9a-fA-F]{8})((?:${STEP})*)\\]`);
/** In one way only, so that steps without end are not tried in all ways that they can be taken apart. */
const DERIVATION = new RegExp(`^(?:${STEP})*(?:${TUPLE}(?:${STEP})*)?(?:/\\*[hH']?)?$`);
const SINGLE_KEY = /^(0[23][0-9a-f]{64}|04[0-9a-f]{128}|[0-9a-f]{64})$/i;

/** Whether an argument can only be meant as a key. */
export function isKeyLike(text: string): boolean {
  const [key = ""] = withoutOrigin(text).split("/");
  return text.startsWith("[") || isExtendedKeyLike(key) || isPrivateKeyLike(key) || SINGLE_KEY.test(key);
}

/** @throws ImportError, which shows nothing of the key */
export function parseKeyExpression(text: string, at: Place): KeyExpression {
  const [bracket, fingerprint = "", steps = ""] = ORIGIN.exec(text) ?? [];
  const rest = bracket ? text.slice(bracket.length) : text;
  if (/[[\]]/.test(rest)) throw new ImportError("a key's origin is [fingerprint/path], once, before the key", at);
  const slash = rest.indexOf("/");
  const key = slash < 0 ? rest : rest.slice(0, slash);
  const derivation = slash < 0 ? "" : rest.slice(slash);
  if (isPrivateKeyLike(key)) throw new ImportError(PRIVATE_KEY, at);
  const origin = bracket ? { fingerprint: hexToBytes(fingerprint.toLowerCase()), path: pathOf(steps, at) } : undefined;
  if (SINGLE_KEY.test(key)) {
    if (derivation !== "") throw new ImportError("no keys are derived from a single key", at);
    return { type: "key", ...(origin && { origin }), key: key.toLowerCase(), derivation };
  }
  const extended = parseExtendedKey(key, at);
  assertDerivation(derivation, at);
  const normal = derivation.replace(/[H']/g, "h");
  return { type: "key", ...(origin && { origin }), key: extended.text, extended, derivation: normal };
}

export function formatKeyExpression({ origin, key, derivation }: KeyExpression): string {
  return `${origin ? `[${bytesToHex(origin.fingerprint)}${stepsOf(origin.path)}]` : ""}${key}${derivation}`;
}

/**
 * A path as people and programs write it: with or without `m`, hardened by `h`, `H` or `'`. Undefined where it is none.
 */
export function readPath(text: string): string | undefined {
  const path = text
    .replace(/^m?\/?/, "m/")
    .replace(/\/$/, "")
    .replace(/[hH]/g, "'");
  return isDerivationPath(path) ? path : undefined;
}

/** How many steps a path has, and the index of the last one; -1 where there is none. */
export function endOf(path: string): { depth: number; index: number } {
  const steps = path.split("/").slice(1);
  const last = steps.at(-1);
  const index = last === undefined ? -1 : Number.parseInt(last, 10) + (last.endsWith("'") ? INDEX_LIMIT : 0);
  return { depth: steps.length, index };
}

function withoutOrigin(text: string): string {
  return text.startsWith("[") ? text.slice(text.indexOf("]") + 1) : text;
}

function pathOf(steps: string, at: Place): string {
  const path = `m${steps.replace(/[hH]/g, "'")}`;
  if (!isDerivationPath(path)) throw new ImportError("an index in a key's origin is too large", at);
  return path;
}

function stepsOf(path: string): string {
  return path.slice(1).replaceAll("'", "h");
}

function assertDerivation(derivation: string, at: Place): void {
  if (!DERIVATION.test(derivation)) {
    throw new ImportError("the steps behind a key are numbers, one tuple such as <0;1>, and * at the end", at);
  }
  const indices = derivation.match(/\d+/g) ?? [];
  if (indices.some((index) => Number.parseInt(index, 10) >= INDEX_LIMIT)) {
    throw new ImportError("an index behind a key is too large", at);
  }
  const tuple = /<([^>]*)>/.exec(derivation.replace(/[H']/g, "h"))?.[1]?.split(";") ?? [];
  if (new Set(tuple).size !== tuple.length) throw new ImportError("a tuple behind a key has the same index twice", at);
}
