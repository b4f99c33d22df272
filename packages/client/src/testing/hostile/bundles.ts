import { type Bundle, type BundleHead, decodeBundle } from "@cloudbackup/core/wire";
import { concatBytes } from "@noble/hashes/utils.js";
import { type Attack, attack, type Exchange, isLatest, walletIdIn } from "./attack.ts";
import { encodeRaw, RawMap, type RawValue, rawHead } from "./raw-cbor.ts";

/*
 * Downloads that are not what was stored: the attacks on what a restore reads.
 */

const TAMPERED = ["ERR_CB_TAMPERED"];
const INCOMPLETE = ["ERR_CB_INCOMPLETE"];

/** An attack on the bundle of the latest backup. */
function onBundle(
  name: string,
  does: string,
  codes: readonly string[],
  change: (bundle: Bundle, bytes: Uint8Array, exchange: Exchange) => Uint8Array | Promise<Uint8Array>,
): Attack {
  return attack({ name, does, codes }, async (exchange) => {
    if (!isLatest(exchange)) return undefined;
    const response = await exchange.honest();
    if (response.status !== 200) return response;
    const bytes = new Uint8Array(await response.arrayBuffer());
    return bundleAnswer(await change(decodeBundle(bytes), bytes, exchange));
  });
}

/** An attack on a field of the head. */
function onHead(name: string, does: string, codes: readonly string[], change: (head: BundleHead) => object): Attack {
  return onBundle(name, does, codes, ({ head, items }) => encoded({ ...head, ...change(head) }, items));
}

/** An attack on the chunks, of which it takes a few. */
function onItems(
  name: string,
  does: string,
  codes: readonly string[],
  change: (items: Bundle["items"]) => Bundle["items"],
) {
  return onBundle(name, does, codes, ({ head, items }) => {
    if (items.length < 3) throw new TypeError(`${name} takes a backup of three chunks or more`);
    return encoded(head, change(items));
  });
}

export const BUNDLE_ATTACKS: readonly Attack[] = [
  onItems("withheld-chunk", "leaves a chunk out", INCOMPLETE, (items) => items.slice(1)),
  onItems("withheld-last-chunk", "leaves the last chunk out", INCOMPLETE, (items) => items.slice(0, -1)),
  onItems("withheld-chunks", "sends the head alone, as whole", INCOMPLETE, () => []),
  onBundle("unlisted-chunk", "leaves a chunk out, and its name", INCOMPLETE, ({ head, items }) =>
    encoded({ ...head, add: head.add.slice(1) }, items.slice(1)),
  ),
  onItems("swapped-chunks", "exchanges two chunks", TAMPERED, ([a, b, ...rest]) =>
    a && b ? [{ ...a, sealed: b.sealed }, { ...b, sealed: a.sealed }, ...rest] : [],
  ),
  onItems("repeated-chunk", "sends one chunk under every name", TAMPERED, (items) =>
    items.map(({ id }) => ({ id, sealed: items[0]?.sealed ?? id })),
  ),
  onItems("flipped-chunk", "changes one bit of a chunk", TAMPERED, ([first, ...rest]) =>
    first ? [{ ...first, sealed: flipped(first.sealed, first.sealed.length - 1) }, ...rest] : [],
  ),
  onItems("cut-chunk", "cuts a chunk short", TAMPERED, ([first, ...rest]) =>
    first ? [{ ...first, sealed: first.sealed.slice(0, -1) }, ...rest] : [],
  ),
  onItems("empty-chunk", "sends nothing for a chunk", TAMPERED, ([first, ...rest]) =>
    first ? [{ ...first, sealed: new Uint8Array() }, ...rest] : [],
  ),
  onItems("endless-chunk", "sends a chunk that is larger than any", TAMPERED, ([first, ...rest]) =>
    first ? [{ ...first, sealed: new Uint8Array(100_000) }, ...rest] : [],
  ),
  onItems("extra-chunk", "adds a chunk that the head does not name", TAMPERED, (items) => [
    ...items,
    { id: new Uint8Array(32).fill(0xff), sealed: new Uint8Array(100) },
  ]),
  onItems("duplicate-chunk", "sends a chunk twice", TAMPERED, ([first, ...rest]) =>
    first ? [first, first, ...rest] : [],
  ),
  onItems("reordered-chunks", "sends the chunks in another order", TAMPERED, (items) => [...items].reverse()),
  onBundle(
    "chunks-of-another-wallet",
    "sends another wallet's chunks under this one's names",
    TAMPERED,
    async (bundle, _, exchange) => {
      const other = await bundleOfAnother(exchange);
      const items = bundle.items.map(({ id }, i) => ({
        id,
        sealed: other.items[i % other.items.length]?.sealed ?? id,
      }));
      return encoded(bundle.head, items);
    },
  ),

  onHead("flipped-envelope", "changes one bit of the envelope", TAMPERED, ({ envelope }) => ({
    envelope: flipped(envelope, envelope.length - 1),
  })),
  onHead("flipped-header", "changes one bit of the envelope's header", TAMPERED, ({ envelope }) => ({
    envelope: flipped(envelope, 0),
  })),
  onHead("cut-envelope", "cuts the envelope short", TAMPERED, ({ envelope }) => ({ envelope: envelope.slice(0, -1) })),
  onBundle(
    "envelope-of-another-wallet",
    "sends another wallet's envelope",
    TAMPERED,
    async ({ head, items }, _, exchange) => {
      const { envelope } = (await bundleOfAnother(exchange)).head;
      return encoded({ ...head, envelope }, items);
    },
  ),
  onBundle("another-wallet", "sends another wallet's backup", ["ERR_CB_DOES_NOT_DECRYPT"], async (_b, _, exchange) => {
    const { head, items } = await bundleOfAnother(exchange);
    return encoded(head, items);
  }),
  onBundle(
    "another-wallet-renamed",
    "sends another wallet's backup in this one's name",
    TAMPERED,
    async (bundle, _, exchange) => {
      const { head, items } = await bundleOfAnother(exchange);
      return encoded({ ...head, wallet: bundle.head.wallet, revision: bundle.head.revision }, items);
    },
  ),
  onHead("bundle-of-another-realm", "says that the backup is another realm's", ["ERR_CB_DOES_NOT_DECRYPT"], () => ({
    realm: new Uint8Array(16).fill(7),
  })),
  onHead("bundle-of-no-realm", "says that the backup is no server's", ["ERR_CB_DOES_NOT_DECRYPT"], () => ({
    realm: new Uint8Array(16),
  })),
  onHead("renumbered", "gives the backup a higher number", TAMPERED, ({ revision }) => ({ revision: revision + 1 })),
  onHead("number-zero", "gives the backup the number 0", TAMPERED, () => ({ revision: 0 })),
  onHead("negative-number", "gives the backup a negative number", TAMPERED, () => ({ revision: -1 })),
  onHead("huge-number", "gives the backup a number beyond 2^53", TAMPERED, () => ({ revision: 2 ** 60 })),
  onHead("another-format", "says that the backup is of format 2", ["ERR_CB_UNSUPPORTED_VERSION"], () => ({
    format: 2,
  })),
  onHead("update-for-a-whole", "sends what should be an update", TAMPERED, ({ revision }) => ({ base: revision - 1 })),
  onHead("with-after", "sends a backup that says what it replaces", TAMPERED, () => ({ after: new Uint8Array(32) })),
  onHead("with-drop", "drops chunks from a whole backup", TAMPERED, () => ({ drop: [new Uint8Array(32)] })),
  onHead("added-and-dropped", "adds and drops one chunk", TAMPERED, ({ add, revision }) => ({
    base: revision - 1,
    drop: add.slice(0, 1),
  })),
  onHead("duplicate-name", "names a chunk twice", TAMPERED, ({ add }) => ({ add: [...add.slice(0, 1), ...add] })),
  onHead("reordered-names", "names the chunks in another order", TAMPERED, ({ add }) => ({ add: [...add].reverse() })),
  onHead("short-name", "names a chunk by 31 bytes", TAMPERED, ({ add }) => ({
    add: [new Uint8Array(31), ...add.slice(1)],
  })),
  onHead("invented-name", "names a chunk that does not follow", INCOMPLETE, ({ add }) => ({
    add: [...add, new Uint8Array(32).fill(0xff)],
  })),

  onBundle("empty-body", "sends nothing, as a whole backup", TAMPERED, () => new Uint8Array()),
  onBundle("half-a-body", "sends half of the backup, as whole", TAMPERED, (_, bytes) =>
    bytes.slice(0, bytes.length >> 1),
  ),
  onBundle("left-over-bytes", "adds bytes at the end", TAMPERED, (_, bytes) => concatBytes(bytes, Uint8Array.of(0))),
  onBundle("no-map", "sends a list where the head should be", TAMPERED, () => encodeRaw([1, 2, 3])),
  onBundle("missing-key", "leaves a key of the head out", TAMPERED, ({ head, items }) =>
    concatBytes(encodeRaw(new RawMap(headEntries(head).slice(1))), ...items.map(encodedItem)),
  ),
  onBundle("duplicate-key", "says a key of the head twice", TAMPERED, ({ head, items }) => {
    const [first, ...rest] = headEntries(head);
    return concatBytes(encodeRaw(new RawMap(first ? [first, first, ...rest] : [])), ...items.map(encodedItem));
  }),
  onBundle("unsorted-keys", "says the keys of the head in another order", TAMPERED, ({ head, items }) =>
    concatBytes(encodeRaw(new RawMap([...headEntries(head)].reverse())), ...items.map(encodedItem)),
  ),
  onBundle("indefinite-length", "sends a head of indefinite length", TAMPERED, ({ head, items }) => {
    const whole = encodeRaw(new RawMap(headEntries(head)));
    return concatBytes(Uint8Array.of(0xbf), whole.slice(1), Uint8Array.of(0xff), ...items.map(encodedItem));
  }),
  onBundle("long-lengths", "sends a length in more bytes than it takes", TAMPERED, ({ head, items }) =>
    concatBytes(
      encodeRaw(new RawMap(headEntries(head))),
      ...items.map((item) => concatBytes(Uint8Array.of(0x98, 0x02), encodedItem(item).slice(1))),
    ),
  ),
  onBundle("deep-nesting", "sends a million lists inside each other", TAMPERED, (_, bytes) =>
    concatBytes(bytes, new Uint8Array(1_000_000).fill(0x81), Uint8Array.of(0)),
  ),
  onBundle("huge-length", "announces a chunk of 2^53 bytes", TAMPERED, ({ head }) =>
    concatBytes(
      encodeRaw(new RawMap(headEntries(head))),
      Uint8Array.of(0x82),
      rawHead(2, 2 ** 53),
      new Uint8Array(100),
    ),
  ),
  onBundle("huge-list", "announces a list of 2^32 − 1 names", TAMPERED, () =>
    concatBytes(rawHead(5, 9), encodeRaw("add"), rawHead(4, 2 ** 32 - 1), new Uint8Array(1_000)),
  ),
  onBundle("many-small-items", "sends a million items that are none", TAMPERED, (_, bytes) =>
    concatBytes(bytes, new Uint8Array(1_000_000)),
  ),
  onBundle("a-float", "sends a number with a point", TAMPERED, (_, bytes) =>
    concatBytes(bytes, Uint8Array.of(0xf9, 0, 0)),
  ),
  onBundle("a-tag", "sends a tagged value", TAMPERED, (_, bytes) => concatBytes(bytes, Uint8Array.of(0xc1, 0))),
];

export function bundleAnswer(bytes: Uint8Array, headers: Record<string, string> = {}): Response {
  return new Response(bytes as BodyInit, { headers: { "content-type": "application/cbor-seq", ...headers } });
}

/** The latest backup of another wallet of the user's: there must be one. */
async function bundleOfAnother(exchange: Exchange): Promise<Bundle> {
  const own = walletIdIn(exchange);
  const list: { wallet: string; sha256: string | null }[] = await (await exchange.honest("/v1/wallets")).json();
  const other = list.find(({ wallet, sha256 }) => wallet !== own && sha256 !== null);
  if (!other) throw new TypeError("this attack takes another wallet of the user, which has a backup");
  const response = await exchange.honest(`/v1/wallets/${other.wallet}/backups/latest`);
  return decodeBundle(new Uint8Array(await response.arrayBuffer()));
}

type LooseHead = Omit<BundleHead, "add"> & { add: readonly Uint8Array[]; format?: number };

/** In the order of the encoded keys. */
function headEntries(head: LooseHead): (readonly [string, RawValue])[] {
  const { add, base, drop, after, realm, format = 1, wallet, envelope, revision } = head;
  return Object.entries({ add, base, drop, after, realm, format, wallet, envelope, revision });
}

function encoded(head: LooseHead, items: Bundle["items"]): Uint8Array {
  return concatBytes(encodeRaw(new RawMap(headEntries(head))), ...items.map(encodedItem));
}

function encodedItem({ id, sealed }: Bundle["items"][number]): Uint8Array {
  return encodeRaw([id, sealed]);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
