import { hasChecksum, withChecksum } from "../dump/descriptor-checksum.ts";
import { WRONG_TUPLE } from "../dump/descriptors.ts";
import { ImportError, type Place } from "./errors.ts";
import { isPrivateKeyLike, PRIVATE_KEY } from "./extended-key.ts";
import { formatKeyExpression, isKeyLike, type KeyExpression, parseKeyExpression } from "./key-expression.ts";

/** A function and its arguments. `{a,b}` of BIP-386 has the name `{}`. */
export interface ScriptExpression {
  /** Tells it from other arguments. */
  type: "script";
  /** `wsh`, `sortedmulti`. */
  name: string;
  /** A number is a quorum; text is what has no structure here. */
  args: readonly (ScriptExpression | KeyExpression | number | string)[];
}

/** What an output descriptor says. */
export interface DescriptorTree {
  /** The whole of it. */
  script: ScriptExpression;
  /** Its keys in their order, those of functions unknown here too, as far as they look like keys. */
  keys: readonly KeyExpression[];
  /** How many descriptors it stands for: the length of its tuples, 1 without any. @see BIP-389 */
  paths: number;
  /** Names of functions that are not known here, those of Miniscript among them. */
  unknown: readonly string[];
}

/** Longer ones are not read. */
const MAX_DESCRIPTOR_CHARACTERS = 65_536;
/** BIP-386 has trees of 128, in one function. */
const MAX_DEPTH = 140;
/** Each stands for a descriptor as long as the whole. Wallets have two. */
const MAX_PATHS = 100;
/** BIP-383: OP_CHECKMULTISIG. In P2SH the redeem script has 520 bytes, of which a compressed key takes 34. */
const MAX_MULTI_KEYS = 20;
const MAX_P2SH_KEYS = 15;
/** BIP-387. */
const MAX_MULTI_A_KEYS = 999;

const TUPLE = /\/<(\d+[hH']?(?:;\d+[hH']?)+)>/g;

const TOP = "";
/** By function: where it may stand, and what its arguments are. */
const KNOWN = new Map<string, { within?: readonly string[]; args: "key" | "script" | "multi" | "tr" | "text" }>([
  ["pk", { args: "key" }],
  ["pkh", { args: "key" }],
  ["wpkh", { within: [TOP, "sh"], args: "key" }],
  ["combo", { within: [TOP], args: "key" }],
  ["rawtr", { within: [TOP], args: "key" }],
  ["sh", { within: [TOP], args: "script" }],
  ["wsh", { within: [TOP, "sh"], args: "script" }],
  ["tr", { within: [TOP], args: "tr" }],
  ["multi", { args: "multi" }],
  ["sortedmulti", { within: [TOP, "sh", "wsh"], args: "multi" }],
  ["multi_a", { args: "multi" }],
  ["sortedmulti_a", { within: ["{}", "tr"], args: "multi" }],
  ["addr", { within: [TOP], args: "text" }],
  ["raw", { within: [TOP], args: "text" }],
]);

/**
 * Reads the structure of an output descriptor. Functions that are not known here are taken as they are; private keys are
 * refused.
 *
 * @param text with or without its checksum, which is verified where it is there
 * @param at where the text stands, for errors
 * @throws ImportError: no descriptor, another checksum, a private key, a key or a number of keys that cannot be; TypeError:
 *   `text` is no string
 * @example
 * ```ts
 * import { parseDescriptor } from "@cloudbackup/core/interchange";
 *
 * const xpub = "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRjaDMzQLcgJvLJuZZvRcEL";
 * const { script, keys, paths } = parseDescriptor(`wpkh([d34db33f/84'/0'/0']${xpub}/<0;1>/*)`);
 * console.log(script.name, keys[0]?.origin?.path, keys[0]?.derivation, paths); // → wpkh m/84'/0'/0' /<0;1>/* 2
 * ```
 * @see BIP-380 to BIP-386, BIP-389
 */
export function parseDescriptor(text: string, at: Place = {}): DescriptorTree {
  if (typeof text !== "string") throw new TypeError("text must be a string");
  if (text.length > MAX_DESCRIPTOR_CHARACTERS) {
    throw new ImportError(`the descriptor has more than ${MAX_DESCRIPTOR_CHARACTERS} characters`, at);
  }
  const [body = "", checksum] = text.split("#");
  if (!/^[ -~]+$/.test(body)) throw new ImportError("this is no descriptor", at);
  if (WRONG_TUPLE.test(body)) throw new ImportError("a tuple in the steps behind a key is such as <0;1>", at);
  // Before anything of it could be shown or kept, wherever it stands.
  if (body.split(/[^0-9A-Za-z]+/).some(isPrivateKeyLike)) throw new ImportError(PRIVATE_KEY, at);
  if (checksum !== undefined && !hasChecksum(text)) {
    throw new ImportError("the descriptor's checksum is wrong: a character is mistyped or missing", at);
  }
  return new DescriptorParser(body, at).parse();
}

/**
 * A descriptor as text, with `h` for hardened steps, and its checksum.
 *
 * @param tree what `parseDescriptor` gave, or its like
 */
export function formatDescriptor(tree: Pick<DescriptorTree, "script">): string {
  return withChecksum(formatArgument(tree.script));
}

/**
 * The descriptors that one with tuples stands for, each with its checksum: of `<0;1>` the first is for addresses that others
 * pay to, the second for change.
 *
 * @param tree what `parseDescriptor` gave
 * @returns one where it has no tuple
 * @see BIP-389
 */
export function expandDescriptor(tree: DescriptorTree): string[] {
  const text = formatArgument(tree.script);
  return Array.from({ length: tree.paths }, (_, i) =>
    withChecksum(text.replace(TUPLE, (_, tuple: string) => `/${tuple.split(";")[i]}`)),
  );
}

function formatArgument(arg: ScriptExpression["args"][number]): string {
  if (typeof arg !== "object") return String(arg);
  if (arg.type === "key") return formatKeyExpression(arg);
  const args = arg.args.map(formatArgument).join(",");
  return arg.name === "{}" ? `{${args}}` : `${arg.name}(${args})`;
}

/** One pass from left to right. */
class DescriptorParser {
  readonly #text: string;
  readonly #at: Place;
  readonly #keys: KeyExpression[] = [];
  readonly #unknown = new Set<string>();
  #next = 0;

  constructor(text: string, at: Place) {
    this.#text = text;
    this.#at = at;
  }

  parse(): DescriptorTree {
    const script = this.#argument(TOP, 0);
    if (typeof script !== "object" || script.type !== "script" || this.#next < this.#text.length) {
      throw this.#refuse("this is no descriptor, which is a function and its arguments");
    }
    // Also those in what is not read here.
    const lengths = new Set([...this.#text.matchAll(TUPLE)].map(([, tuple = ""]) => tuple.split(";").length));
    if (lengths.size > 1) throw this.#refuse("the tuples of its keys differ in length");
    const [paths = 1] = lengths;
    if (paths > MAX_PATHS) throw this.#refuse(`a tuple has more than ${MAX_PATHS} steps`);
    return { script, keys: this.#keys, paths, unknown: [...this.#unknown] };
  }

  #argument(parent: string, depth: number): ScriptExpression["args"][number] {
    if (depth > MAX_DEPTH) throw this.#refuse("too many functions inside each other");
    if (this.#text[this.#next] === "{") {
      return { type: "script", name: "{}", args: this.#arguments("}", "{}", depth) };
    }
    const start = this.#next;
    const end = this.#skip(/[^(){},]*/y);
    if (this.#text[end] !== "(") return this.#atom(this.#text.slice(start, end), parent);
    const name = this.#text.slice(start, end);
    if (!/^[\w:]+$/.test(name)) throw this.#refuse("a function's name has letters, digits and _");
    const known = KNOWN.get(name);
    if (!known) this.#unknown.add(name);
    const script: ScriptExpression = { type: "script", name, args: this.#arguments(")", name, depth) };
    this.#check(script, parent);
    // BIP-390 has steps behind a function.
    const behind = this.#text.slice(this.#next, this.#skip(/[^(){},]*/y));
    if (behind === "") return script;
    this.#unknown.add(name);
    return formatArgument(script) + behind;
  }

  #arguments(close: ")" | "}", name: string, depth: number): ScriptExpression["args"] {
    const args: ScriptExpression["args"][number][] = [];
    do {
      this.#next++;
      args.push(this.#argument(name, depth + 1));
    } while (this.#text[this.#next] === ",");
    if (this.#text[this.#next] !== close) throw this.#refuse(`a ${close} is missing`);
    this.#next++;
    return args;
  }

  #atom(text: string, parent: string): KeyExpression | number | string {
    const kind = KNOWN.get(parent)?.args;
    if (kind === "text") return text;
    // In a function that is not known here, 32 bytes are rather a hash.
    if (isKeyLike(text) && !(kind === undefined && /^[0-9a-f]{64}$/i.test(text))) {
      const key = this.#key(text, kind === undefined);
      if (key) this.#keys.push(key);
      return key ?? text;
    }
    if (/^(0|[1-9]\d{0,9})$/.test(text)) return Number(text);
    return text;
  }

  /** Undefined where it stands in a function that is not known here, and is no key. */
  #key(text: string, isLenient: boolean): KeyExpression | undefined {
    try {
      return parseKeyExpression(text, this.#at);
    } catch (error) {
      if (isLenient && error instanceof ImportError && !error.message.endsWith(PRIVATE_KEY)) return undefined;
      throw error;
    }
  }

  #check({ name, args }: ScriptExpression, parent: string): void {
    const known = KNOWN.get(name);
    if (!known) return;
    if (known.within && !known.within.includes(parent)) throw this.#refuse(`${name} must not stand there`);
    const isKey = (arg: unknown) => typeof arg === "object" && (arg as KeyExpression).type === "key";
    const isScript = (arg: unknown) => typeof arg === "object" && (arg as ScriptExpression).type === "script";
    const fits = {
      key: () => args.length === 1 && (isKey(args[0]) || this.#isMusig(args[0])),
      script: () => args.length === 1 && isScript(args[0]),
      tr: () =>
        args.length <= 2 && (isKey(args[0]) || this.#isMusig(args[0])) && (args.length === 1 || isScript(args[1])),
      multi: () => typeof args[0] === "number" && args.length > 1 && args.slice(1).every(isKey),
      text: () => args.length === 1 && args[0] !== "",
    };
    if (!fits[known.args]()) throw this.#refuse(`${name} has other arguments`);
    if (name === "raw" && !/^([0-9a-f]{2})*$/i.test(args[0] as string)) throw this.#refuse("raw has hex");
    if (known.args === "multi") this.#checkQuorum(name, args[0] as number, args.length - 1, parent);
  }

  /** In the place of a key; what it holds is not read. */
  #isMusig(arg: unknown): boolean {
    const name = typeof arg === "string" ? arg : (arg as Partial<ScriptExpression> | undefined)?.name;
    return name?.startsWith("musig") ?? false;
  }

  #checkQuorum(name: string, required: number, total: number, parent: string): void {
    const most = name.endsWith("_a") ? MAX_MULTI_A_KEYS : parent === "sh" ? MAX_P2SH_KEYS : MAX_MULTI_KEYS;
    if (total > most) throw this.#refuse(`${name} has more than ${most} keys`);
    if (required < 1 || required > total) throw this.#refuse(`${name} asks for ${required} signatures of ${total}`);
  }

  #skip(pattern: RegExp): number {
    pattern.lastIndex = this.#next;
    pattern.exec(this.#text);
    this.#next = pattern.lastIndex;
    return this.#next;
  }

  #refuse(problem: string): ImportError {
    return new ImportError(`${problem} (at character ${this.#next + 1})`, this.#at);
  }
}
