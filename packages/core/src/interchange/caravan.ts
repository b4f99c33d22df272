import { hexToBytes } from "../bytes.ts";
import { AccountsBuilder, type Cosigner, type ImportOptions } from "./accounts-builder.ts";
import { parseDescriptor } from "./descriptor.ts";
import { ImportError } from "./errors.ts";
import { parseExtendedKey } from "./extended-key.ts";
import { fieldOf, type JsonNode, listOf, mapOf, parseJson, shownKey, textOf, uintOf } from "./json.ts";
import { readPath } from "./key-expression.ts";
import type { Imported } from "./report.ts";
import { type MultisigScript, multisigDescriptor } from "./shape.ts";
import { assertText } from "./text.ts";

/** As many keys as a script can have. */
const MAX_KEYS = 20;

/** By what Caravan calls it. */
const ADDRESS_TYPES = new Map<string, MultisigScript>([
  ["P2SH", "p2sh"],
  ["P2SH-P2WSH", "p2sh-p2wsh"],
  ["P2WSH", "p2wsh"],
]);

export const CARAVAN_NETWORKS: readonly string[] = ["mainnet", "testnet", "signet", "regtest"];

/** What is read, or has a place elsewhere. */
const KNOWN = ["name", "addressType", "network", "quorum", "extendedPublicKeys", "startingAddressIndex"];

/**
 * Reads a wallet of Caravan, a JSON file that Sparrow and others write too. One account comes of it: `paired` where it is a
 * 2-of-2 of which one key is the wallet's own, else `cloudbackup.multisig` with its descriptor.
 *
 * @param text JSON
 * @param options which keys are the wallet's own, and what the file may leave open
 * @returns `accounts` and `pairings`
 * @throws ImportError: no such file, or one that cannot be; TypeError, RangeError for wrong arguments
 * @see https://github.com/caravan-bitcoin/caravan; docs/interchange.md
 */
export function importCaravan(text: string, options: ImportOptions = {}): Imported {
  assertText(text);
  const builder = new AccountsBuilder(options);
  return importCaravanNode(parseJson(text), builder);
}

/** The same of what was parsed already. */
export function importCaravanNode(file: JsonNode, builder: AccountsBuilder): Imported {
  const keyNodes = listOf(fieldOf(file, "extendedPublicKeys"), MAX_KEYS);
  const script = ADDRESS_TYPES.get(textOf(fieldOf(file, "addressType")));
  if (!script) throw new ImportError("addressType must be P2SH, P2SH-P2WSH or P2WSH", fieldOf(file, "addressType"));
  const networkNode = fieldOf(file, "network");
  const network = textOf(networkNode);
  if (!CARAVAN_NETWORKS.includes(network)) {
    throw new ImportError(`network must be ${CARAVAN_NETWORKS.join(", ")}`, networkNode);
  }
  const required = quorumOf(file, keyNodes.length);
  const keys = keyNodes.map((node) => keyOf(node, builder));
  const expressions = keys.map(({ expression }) => expression);
  const tree = parseDescriptor(multisigDescriptor(script, required, expressions), fieldOf(file, "extendedPublicKeys"));
  const first = mapOf(file).get("startingAddressIndex");
  const start = first ? uintOf(first) : 0;
  const name = mapOf(file).get("name");
  sayWhatIsLost(file, builder);
  builder.add({
    tree,
    at: { path: "extendedPublicKeys" },
    network,
    name: name && textOf(name),
    cosigners: keys.map(({ cosigner }) => cosigner),
    more: start > 0 ? { startingAddressIndex: start } : undefined,
  });
  const { accounts, pairings, report } = builder;
  return { dump: { accounts, pairings }, report };
}

function quorumOf(file: JsonNode, keys: number): number {
  const quorum = fieldOf(file, "quorum");
  const required = uintOf(fieldOf(quorum, "requiredSigners"));
  const total = mapOf(quorum).get("totalSigners");
  if (total && uintOf(total) !== keys) {
    throw new ImportError(`it says ${uintOf(total)} keys and has ${keys}`, total);
  }
  if (required < 1 || required > keys) throw new ImportError(`${required} of ${keys} keys cannot sign`, quorum);
  return required;
}

/** The key as a descriptor has it, and what a descriptor has no place for. */
function keyOf(node: JsonNode, builder: AccountsBuilder): { expression: string; cosigner: Cosigner } {
  const xpubNode = fieldOf(node, "xpub");
  const extended = parseExtendedKey(textOf(xpubNode), xpubNode);
  builder.sayConverted([{ type: "key", key: extended.text, extended, derivation: "" }], xpubNode);
  const fingerprint = fingerprintOf(node);
  const path = pathOf(node);
  if (!fingerprint || !path) {
    builder.say(
      "assumed",
      node,
      "It does not say where this key comes from: only its holder can tell that it is theirs.",
    );
  }
  const origin = fingerprint && path ? `[${fingerprint}${path.slice(1)}]` : "";
  const name = mapOf(node).get("name");
  const method = mapOf(node).get("method");
  for (const key of mapOf(node).keys()) {
    if (["name", "bip32Path", "xpub", "xfp", "method"].includes(key)) continue;
    builder.say("lost", { path: `${node.path}.${shownKey(key)}` }, "This is not known here, and left out.");
  }
  const cosigner: Cosigner = {
    xpub: extended.text,
    ...(name && textOf(name) !== "" && { name: builder.shorten(textOf(name), name) }),
    ...(method && textOf(method) !== "" && { method: textOf(method) }),
    ...(fingerprint && !path && { fingerprint: hexToBytes(fingerprint) }),
  };
  return { expression: `${origin}${extended.text}/<0;1>/*`, cosigner };
}

function fingerprintOf(node: JsonNode): string | undefined {
  const field = mapOf(node).get("xfp");
  if (!field || /^unknown/i.test(textOf(field))) return undefined;
  if (!/^[0-9a-f]{8}$/i.test(textOf(field))) throw new ImportError("xfp must be 8 hex digits", field);
  return textOf(field).toLowerCase();
}

function pathOf(node: JsonNode): string | undefined {
  const field = mapOf(node).get("bip32Path");
  if (!field || /^unknown/i.test(textOf(field))) return undefined;
  const path = readPath(textOf(field));
  if (path === undefined) throw new ImportError("bip32Path must be a path such as m/48'/0'/0'/2'", field);
  return path;
}

function sayWhatIsLost(file: JsonNode, builder: AccountsBuilder): void {
  const client = mapOf(file).get("client");
  if (
    client &&
    !(client.value instanceof Map && client.value.size === 1 && client.value.get("type")?.value === "public")
  ) {
    builder.say("lost", client, "Which node Caravan asks is that program's affair, and left out.");
  }
  for (const [key, node] of mapOf(file)) {
    if (KNOWN.includes(key) || key === "client" || (Array.isArray(node.value) && node.value.length === 0)) continue;
    if (key === "uuid") {
      builder.say("lost", node, "The number that Caravan gives a wallet is left out.");
    } else if (key === "ledgerPolicyHmacs") {
      builder.say("lost", node, "Registrations with Ledger devices are left out: register the wallet there again.");
    } else {
      builder.say("lost", { path: shownKey(key) }, "This is not known here, and left out.");
    }
  }
}
