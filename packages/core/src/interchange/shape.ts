import type { DescriptorTree, ScriptExpression } from "./descriptor.ts";
import type { KeyExpression } from "./key-expression.ts";

/** What kind of wallet a descriptor is of, where it is one of the common ones. */
export interface Shape {
  /** By the names of accounts. */
  script: SingleScript | MultisigScript;
  /** Signatures that are needed; undefined of one key. */
  required: number | undefined;
  /** Whether the keys of each script are in the order of BIP-67. */
  isSorted: boolean;
  /** Its keys, all of them extended ones. */
  keys: readonly (KeyExpression & Required<Pick<KeyExpression, "extended">>)[];
  /** Which of the chains 0 and 1 below its keys it describes; undefined: others, or not alike in all keys. */
  chains: "both" | "external" | "internal" | undefined;
}

export type SingleScript = "p2pkh" | "p2sh-p2wpkh" | "p2wpkh" | "p2tr";
export type MultisigScript = "p2sh" | "p2sh-p2wsh" | "p2wsh";

/** By script, its descriptor; K stands for the key. */
const SINGLE = new Map<string, string>([
  ["p2pkh", "pkh(K)"],
  ["p2sh-p2wpkh", "sh(wpkh(K))"],
  ["p2wpkh", "wpkh(K)"],
  ["p2tr", "tr(K)"],
] satisfies [SingleScript, string][]);

/** By script, its descriptor; M stands for `multi` or `sortedmulti`. */
const MULTI = new Map<string, string>([
  ["p2sh", "sh(M)"],
  ["p2sh-p2wsh", "sh(wsh(M))"],
  ["p2wsh", "wsh(M)"],
] satisfies [MultisigScript, string][]);

const CHAINS = new Map<string, Shape["chains"]>([
  ["/<0;1>/*", "both"],
  ["/0/*", "external"],
  ["/1/*", "internal"],
]);

/** Undefined for all that the kinds above do not cover. */
export function shapeOf({ script, keys }: DescriptorTree): Shape | undefined {
  if (!keys.every(isExtended)) return undefined;
  const multi = innermostOf(script);
  const isMulti = multi.name === "multi" || multi.name === "sortedmulti";
  const pattern = patternOf(script);
  const [kind] = [...(isMulti ? MULTI : SINGLE)].find(([, each]) => each === pattern) ?? [];
  if (!kind) return undefined;
  return {
    script: kind as Shape["script"],
    required: isMulti ? (multi.args[0] as number) : undefined,
    isSorted: multi.name === "sortedmulti",
    keys,
    chains: chainsOf(keys),
  };
}

export function isSingleScript(script: string): script is SingleScript {
  return SINGLE.has(script);
}

export function isMultisigScript(script: string): script is MultisigScript {
  return MULTI.has(script);
}

/** The descriptor of one key under a script, without its checksum. */
export function singleDescriptor(script: SingleScript, key: string): string {
  return (SINGLE.get(script) as string).replace("K", () => key);
}

/** The descriptor of keys under a script, in the order of BIP-67, without its checksum. */
export function multisigDescriptor(script: MultisigScript, required: number, keys: readonly string[]): string {
  return (MULTI.get(script) as string).replace("M", () => `sortedmulti(${[required, ...keys].join(",")})`);
}

/** Which of the chains 0 and 1 below all of the keys; undefined: others, or not alike. */
export function chainsOf(keys: readonly KeyExpression[]): Shape["chains"] {
  const [first] = keys;
  const areAlike = keys.every(({ derivation }) => derivation === first?.derivation);
  return first && areAlike ? CHAINS.get(first.derivation) : undefined;
}

/** The same with the tuple of both chains below each key. */
export function withBothChains(tree: DescriptorTree): DescriptorTree {
  const derivation = "/<0;1>/*";
  const changed = (script: ScriptExpression): ScriptExpression => ({
    ...script,
    args: script.args.map((arg) => {
      if (typeof arg !== "object") return arg;
      return arg.type === "key" ? { ...arg, derivation } : changed(arg);
    }),
  });
  return { ...tree, script: changed(tree.script), keys: tree.keys.map((key) => ({ ...key, derivation })), paths: 2 };
}

/** The same with the keys of `sortedmulti` in one order, whichever the source had: that order means nothing. */
export function inOneOrder(tree: DescriptorTree): DescriptorTree {
  const sorted = (script: ScriptExpression): ScriptExpression => {
    const args = script.args.map((arg) => (typeof arg === "object" && arg.type === "script" ? sorted(arg) : arg));
    if (script.name !== "sortedmulti") return { ...script, args };
    const keys = args.filter((arg) => typeof arg === "object") as KeyExpression[];
    return { ...script, args: [args[0] as number, ...keys.sort(byText)] };
  };
  return { ...tree, script: sorted(tree.script) };
}

function byText(a: KeyExpression, b: KeyExpression): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : a.derivation < b.derivation ? -1 : 1;
}

function isExtended(key: KeyExpression): key is Shape["keys"][number] {
  return key.extended !== undefined;
}

function innermostOf(script: ScriptExpression): ScriptExpression {
  const [inner] = script.args;
  return typeof inner === "object" && inner.type === "script" ? innermostOf(inner) : script;
}

/** `sh(wpkh(K))`; M for any `multi` or `sortedmulti`. */
function patternOf(arg: ScriptExpression["args"][number]): string {
  if (typeof arg !== "object") return "?";
  if (arg.type === "key") return "K";
  if (arg.name === "multi" || arg.name === "sortedmulti") return "M";
  return `${arg.name}(${arg.args.map(patternOf).join(",")})`;
}
