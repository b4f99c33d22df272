import { defaultPrimitives } from "@cloudbackup/core";
import { chunksFields, decodeBundle, encodeChunkItem, encodeIds, SIGNATURE_TAGS } from "@cloudbackup/core/wire";
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { answersAlike, type Party, type Row } from "../../support/both-servers.ts";
import { commit, withHead } from "../../support/conversation.ts";

const SEQUENCE = "application/cbor-seq";
const ITEM = "application/cbor";
const { sha256 } = defaultPrimitives;

/** Alice's wallet, her sessions, and a stranger. */
async function wallet(to: Party): Promise<void> {
  for (const name of ["alice", "bob"]) {
    await to.register(name);
    await to.signIn(name);
  }
  await to.say("POST", "/v1/wallets", { as: "alice", json: await to.proof({ username: "alice" }) });
  await to.say("POST", "/v1/sessions/wallet", { json: await to.proof(), keep: "seed" });
}

const chunks = (body: Uint8Array, more: object = {}) => ({
  as: "alice",
  type: SEQUENCE,
  body,
  sign: { tag: SIGNATURE_TAGS.chunks, fields: chunksFields(sha256(body)) },
  ...more,
});
const ids = (list: readonly Uint8Array[], more: object = {}) => ({
  as: "alice",
  type: ITEM,
  body: encodeIds(list),
  ...more,
});

const COMMITS: readonly Row[] = [
  [
    "a commit without its signature",
    "401 bad-signature",
    (to) => to.say("POST", to.wallet("/backups"), { as: "alice", type: SEQUENCE, body: to.story.first.bundle }),
  ],
  [
    "a commit by another key",
    "401 bad-signature",
    (to) => {
      const { first, otherKeys: keys } = to.story;
      const sign = { ...commit(first.bundle, 1).sign, keys };
      return to.say("POST", to.wallet("/backups"), commit(first.bundle, 1, { sign }));
    },
  ],
  [
    "a commit signed as of another revision",
    "401 bad-signature",
    (to) => to.say("POST", to.wallet("/backups"), commit(to.story.first.bundle, 2)),
  ],
  [
    "a commit without a session",
    "401 not-signed-in",
    (to) => to.say("POST", to.wallet("/backups"), commit(to.story.first.bundle, 1, { as: "nobody" })),
  ],
  [
    "a commit to another user's",
    "404 no-wallet",
    (to) => to.say("POST", to.wallet("/backups"), commit(to.story.first.bundle, 1, { as: "bob" })),
  ],
  [
    "a commit of another type",
    "415 unsupported-media-type",
    (to) =>
      to.say("POST", to.wallet("/backups"), commit(to.story.first.bundle, 1, { type: "application/octet-stream" })),
  ],
  [
    "a commit without a type",
    "415 unsupported-media-type",
    (to) => to.say("POST", to.wallet("/backups"), { as: "alice", sign: commit(to.story.first.bundle, 1).sign }),
  ],
  [
    "a commit of nothing",
    "422 malformed-bundle",
    (to) => to.say("POST", to.wallet("/backups"), commit(new Uint8Array(), 1)),
  ],
  [
    "a commit of noise",
    "422 malformed-bundle",
    (to) => to.say("POST", to.wallet("/backups"), commit(Uint8Array.of(1, 2, 3), 1)),
  ],
  [
    "a commit of another format",
    "422 unsupported-format",
    (to) => {
      const bundle = to.story.first.bundle.slice();
      const at = Buffer.from(bundle).indexOf("format") + "format".length;
      bundle[at] = 2;
      return to.say("POST", to.wallet("/backups"), commit(bundle, 1));
    },
  ],
  [
    "a commit of another wallet's",
    "422 malformed-bundle",
    (to) => {
      const bundle = withHead(to.story.first.bundle, { wallet: new Uint8Array(32) });
      return to.say("POST", to.wallet("/backups"), commit(bundle, 1));
    },
  ],
  [
    "a commit for another realm",
    "422 malformed-bundle",
    (to) => {
      const bundle = withHead(to.story.first.bundle, { realm: new Uint8Array(16).fill(1) });
      return to.say("POST", to.wallet("/backups"), commit(bundle, 1));
    },
  ],
  [
    "a commit that lacks its chunks",
    "422 chunks-missing",
    (to) => {
      const bundle = withHead(to.story.first.bundle, {}, false);
      return to.say("POST", to.wallet("/backups"), commit(bundle, 1));
    },
  ],
  [
    "a commit that follows on nothing",
    "409 revision-conflict",
    (to) => to.say("POST", to.wallet("/backups"), commit(to.story.second.bundle, 2)),
  ],
  [
    "a commit above 8 MiB",
    "413 too-large",
    (to) => to.say("POST", to.wallet("/backups"), commit(new Uint8Array(8 * 1024 * 1024 + 1), 1)),
  ],

  ["the first commit", "201", (to) => to.say("POST", to.wallet("/backups"), commit(to.story.first.bundle, 1))],
  ["the same again", "200", (to) => to.say("POST", to.wallet("/backups"), commit(to.story.first.bundle, 1))],
  [
    "another one of its number",
    "409 revision-conflict",
    (to) => {
      const envelope = to.story.first.envelope.slice();
      envelope[40] = (envelope[40] ?? 0) ^ 1;
      return to.say("POST", to.wallet("/backups"), commit(withHead(to.story.first.bundle, { envelope }), 1));
    },
  ],
  [
    "a commit that leaps, as an update",
    "409 revision-conflict",
    (to) => to.say("POST", to.wallet("/backups"), commit(withHead(to.story.second.bundle, { revision: 3 }), 3)),
  ],
  [
    "a commit after another envelope",
    "409 revision-conflict",
    (to) =>
      to.say("POST", to.wallet("/backups"), commit(withHead(to.story.second.bundle, { after: new Uint8Array(32) }), 2)),
  ],
  [
    "a commit that drops what is not in use",
    "422 chunks-not-in-use",
    (to) => {
      const bundle = withHead(to.story.second.bundle, { drop: [new Uint8Array(32)] });
      return to.say("POST", to.wallet("/backups"), commit(bundle, 2));
    },
  ],
  ["an update", "201", (to) => to.say("POST", to.wallet("/backups"), commit(to.story.second.bundle, 2))],
  [
    "the first commit, long after",
    "200",
    (to) => to.say("POST", to.wallet("/backups"), commit(to.story.first.bundle, 1)),
  ],
  ["the wallet now", "200", (to) => to.say("GET", to.wallet(), { as: "alice" })],

  [
    "a commit that starts anew, above",
    "201",
    (to) => to.say("POST", to.wallet("/backups"), commit(to.story.third.bundle, 7)),
  ],
  ["the chain with its gap", "200", (to) => to.say("GET", to.wallet("/chain?from=2"), { as: "alice" })],
  ["the second, by another's chunks", "200", (to) => to.say("GET", to.wallet("/backups/2"), { as: "alice" })],
  [
    "a commit before it",
    "409 revision-conflict",
    (to) => to.say("POST", to.wallet("/backups"), commit(withHead(to.story.third.bundle, { revision: 3 }), 3)),
  ],
];

const CHUNKS: readonly Row[] = [
  [
    "chunks before their commit",
    "204",
    (to) => {
      const { items } = decodeBundle(to.story.first.bundle);
      return to.say("POST", to.wallet("/chunks"), chunks(concatBytes(...items.slice(0, 2).map(encodeChunkItem))));
    },
  ],
  ["no chunks", "204", (to) => to.say("POST", to.wallet("/chunks"), chunks(new Uint8Array()))],
  [
    "chunks out of order",
    "422 malformed-bundle",
    (to) => {
      const { items } = decodeBundle(to.story.first.bundle);
      return to.say(
        "POST",
        to.wallet("/chunks"),
        chunks(concatBytes(...items.slice(0, 2).reverse().map(encodeChunkItem))),
      );
    },
  ],
  [
    "chunks without their signature",
    "401 bad-signature",
    (to) => to.say("POST", to.wallet("/chunks"), chunks(new Uint8Array(), { sign: undefined })),
  ],
  [
    "chunks signed as a commit",
    "401 bad-signature",
    (to) => to.say("POST", to.wallet("/chunks"), { ...commit(new Uint8Array(), 1) }),
  ],
  [
    "which chunks are missing",
    "200",
    (to) => to.say("POST", to.wallet("/chunks/missing"), ids(decodeBundle(to.story.first.bundle).head.add.reverse())),
  ],
  [
    "which are missing, asked twice",
    "200",
    (to) => {
      const { add } = decodeBundle(to.story.first.bundle).head;
      return to.say("POST", to.wallet("/chunks/missing"), ids([...add, ...add]));
    },
  ],
  [
    "what is missing of noise",
    "422 malformed-bundle",
    (to) => to.say("POST", to.wallet("/chunks/missing"), { as: "alice", type: ITEM, body: Uint8Array.of(0x41, 1) }),
  ],
  [
    "what is missing of a sequence",
    "415 unsupported-media-type",
    (to) => to.say("POST", to.wallet("/chunks/missing"), ids([], { type: SEQUENCE })),
  ],
  [
    "what is missing of another user's",
    "404 no-wallet",
    (to) => to.say("POST", to.wallet("/chunks/missing"), ids([], { as: "bob" })),
  ],
  [
    "what is missing of too many",
    "413 too-large",
    (to) => to.say("POST", to.wallet("/chunks/missing"), ids(Array.from({ length: 65_537 }, () => new Uint8Array(32)))),
  ],
];

const DOWNLOADS: readonly Row[] = [
  ["no backup", "404 no-backup", (to) => to.say("GET", to.wallet("/backups/latest"), { as: "alice" })],
  ["the first commit", "201", (to) => to.say("POST", to.wallet("/backups"), commit(to.story.first.bundle, 1))],
  ["an update", "201", (to) => to.say("POST", to.wallet("/backups"), commit(to.story.second.bundle, 2))],
  ["the latest", "200", (to) => to.say("GET", to.wallet("/backups/latest"), { as: "seed" })],
  ["its head alone", "200", (to) => to.say("GET", to.wallet("/backups/latest?chunks=none"), { as: "alice" })],
  ["the first", "200", (to) => to.say("GET", to.wallet("/backups/1"), { as: "alice" })],
  ["one that is not there", "404 no-backup", (to) => to.say("GET", to.wallet("/backups/3"), { as: "alice" })],
  ["a revision that is none", "422 invalid-request", (to) => to.say("GET", to.wallet("/backups/0"), { as: "alice" })],
  ["an unknown query", "422 invalid-request", (to) => to.say("GET", to.wallet("/backups/latest?x=1"), { as: "alice" })],
  [
    "chunks=all",
    "422 invalid-request",
    (to) => to.say("GET", to.wallet("/backups/latest?chunks=all"), { as: "alice" }),
  ],
  [
    "the latest, as it is known",
    "304",
    (to) => {
      const tag = `"${bytesToHex(to.story.second.sha256)}"`;
      return to.say("GET", to.wallet("/backups/latest"), { as: "alice", headers: { "if-none-match": tag } });
    },
  ],
  [
    "the latest, by one of several weak tags",
    "304",
    (to) => {
      const tag = `"x", W/"${bytesToHex(to.story.second.sha256)}"`;
      return to.say("GET", to.wallet("/backups/latest"), { as: "alice", headers: { "if-none-match": tag } });
    },
  ],
  [
    "the head, by the tag of the whole",
    "200",
    (to) => {
      const tag = `"${bytesToHex(to.story.second.sha256)}"`;
      const headers = { "if-none-match": tag };
      return to.say("GET", to.wallet("/backups/latest?chunks=none"), { as: "alice", headers });
    },
  ],
  [
    "the latest, by an older tag",
    "200",
    (to) => {
      const tag = `"${bytesToHex(to.story.first.sha256)}"`;
      return to.say("GET", to.wallet("/backups/latest"), { as: "alice", headers: { "if-none-match": tag } });
    },
  ],
  ["the history", "200", (to) => to.say("GET", to.wallet("/backups"), { as: "alice" })],
  ["the chain", "200", (to) => to.say("GET", to.wallet("/chain"), { as: "alice" })],
  ["the chain from a revision", "200", (to) => to.say("GET", to.wallet("/chain?from=2"), { as: "alice" })],
  ["the chain from above", "200", (to) => to.say("GET", to.wallet("/chain?from=9"), { as: "alice" })],
  [
    "the chain from nowhere",
    "422 invalid-request",
    (to) => to.say("GET", to.wallet("/chain?from=-1"), { as: "alice" }),
  ],
  [
    "some chunks",
    "200",
    (to) =>
      to.say(
        "POST",
        to.wallet("/chunks/read"),
        ids(decodeBundle(to.story.first.bundle).head.add.slice(0, 2).reverse()),
      ),
  ],
  ["a chunk that is not there", "200", (to) => to.say("POST", to.wallet("/chunks/read"), ids([new Uint8Array(32)]))],
  [
    "chunks of another user's",
    "404 no-wallet",
    (to) => to.say("POST", to.wallet("/chunks/read"), ids([], { as: "bob" })),
  ],
  [
    "a commit that starts anew, above",
    "201",
    (to) => to.say("POST", to.wallet("/backups"), commit(to.story.third.bundle, 7)),
  ],
  ["the chain with its gap", "200", (to) => to.say("GET", to.wallet("/chain?from=2"), { as: "alice" })],
  ["the second, by another's chunks", "200", (to) => to.say("GET", to.wallet("/backups/2"), { as: "alice" })],
];

answersAlike("commits, in memory as in earnest:", COMMITS, { before: wallet });
answersAlike("chunks, in memory as in earnest:", CHUNKS, { before: wallet });
answersAlike("downloads, in memory as in earnest:", DOWNLOADS, { before: wallet });
