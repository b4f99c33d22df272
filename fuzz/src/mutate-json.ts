import fc from "fast-check";
import { mutateBytes } from "./mutate-bytes.ts";
import type { Source } from "./source.ts";

type Json = unknown;

/** Values that have gone wrong elsewhere, as text: some have no value in JavaScript. */
const ODD_TEXTS: readonly string[] = [
  "null", "true", "0", "-0", "-1", "1.5", "1e999", "9007199254740993", "1e-7", '""', '" "', "[]", "{}", "[null]", "[[]]",
  '{"toString":1,"valueOf":2}', '{"__proto__":{"a":1}}', '{"constructor":{"prototype":{}}}', '{"length":1e9}', '{"then":1}',
  '"\\u0000"', '"\\ud800"', '"\\ufeff"', '"__proto__"', '"constructor"', '"9"', '"2026-02-30T99:00:00Z"', '"+275760-09-13T00:00:00.001Z"',
  `"${"a".repeat(300)}"`, `"${"\\u0130".repeat(70)}"`, `"${"é".repeat(40)}"`, "[".repeat(30_000) + "]".repeat(30_000), `${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}`,
]; // biome-ignore format: a list of values

const ODD_KEYS = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "",
  "code",
  "status",
  "token",
  "length",
  "0",
  "a/b~c",
];

/** Stands for a text that is put in at the end. */
const MARK = "\u{f8ff}";

/** The bytes of a JSON value with a few changes, of its structure or of its text. */
export function mutateJson(source: Source, value: Json): Uint8Array {
  const root = { value: structuredClone(value) };
  const texts: string[] = [];
  for (let rounds = source.pick([1, 1, 1, 2, 3]); rounds > 0; rounds--) change(source, root, texts);
  let text = JSON.stringify(root.value) ?? "";
  text = text.replaceAll(new RegExp(`"${MARK}(\\d+)"`, "g"), (_, index) => texts[Number(index)] as string);
  if (source.oneIn(8)) text = withTwoOfAKey(source, text);
  const bytes = new TextEncoder().encode(text);
  return source.oneIn(5) ? mutateBytes(source, bytes, bytes) : bytes;
}

function change(source: Source, root: { value: Json }, texts: string[]): void {
  const { holder, key } = source.pick(placesOf(root as Record<string, Json>));
  const kind = source.below(10);
  if (kind < 5) {
    holder[key] = `${MARK}${texts.length}`;
    texts.push(source.pick(ODD_TEXTS));
  } else if (kind < 7) {
    holder[key] = source.draw(anyJson);
  } else if (kind === 7) {
    if (holder !== (root as object)) delete holder[key];
  } else if (kind === 8) {
    const value = holder[key];
    holder[key] = source.oneIn(2) ? [value] : [value, value];
  } else {
    addKey(source, source.oneIn(2) ? holder[key] : root.value);
  }
}

/** As an own property: assigning would set a prototype. */
function addKey(source: Source, to: Json): void {
  if (typeof to !== "object" || to === null || Array.isArray(to)) return;
  const value = source.draw(anyJson);
  Object.defineProperty(to, source.pick(ODD_KEYS), { value, enumerable: true, configurable: true, writable: true });
}

/** What JSON.parse takes and no object can hold: the same key twice. */
function withTwoOfAKey(source: Source, text: string): string {
  const [pair] = /"[^"\\]*":("[^"\\]*"|\d+|null|true|false)/.exec(text) ?? [];
  return pair === undefined
    ? text
    : text.replace(pair, `${pair},${source.oneIn(2) ? pair : pair.replace(/:.*/, ":7")}`);
}

const anyJson = fc.jsonValue({ maxDepth: 3 });

function placesOf(holder: Record<string, Json>): { holder: Record<string, Json>; key: string }[] {
  return Object.keys(holder).flatMap((key) => {
    const inner = holder[key];
    const below = typeof inner === "object" && inner !== null ? placesOf(inner as Record<string, Json>) : [];
    return [{ holder, key }, ...below];
  });
}
