import { deleteFields, SIGNATURE_TAGS } from "@cloudbackup/core/wire";
import { answersAlike, type Party, type Row } from "../../support/both-servers.ts";
import { commit, withHead } from "../../support/conversation.ts";

async function users(to: Party): Promise<void> {
  for (const name of ["alice", "bob"]) {
    await to.register(name);
    await to.signIn(name);
  }
}

const removal = (sha: Uint8Array | null, more: object = {}) => ({
  as: "alice",
  sign: { tag: SIGNATURE_TAGS.delete, fields: deleteFields(sha) },
  ...more,
});

const WALLETS: readonly Row[] = [
  ["a challenge", "200", (to) => to.say("POST", "/v1/challenges")],
  ["a challenge, asked for with JSON", "200", (to) => to.say("POST", "/v1/challenges", { json: {} })],
  [
    "a seed without a wallet",
    "404 no-wallet",
    async (to) => to.say("POST", "/v1/sessions/wallet", { json: await to.proof() }),
  ],
  [
    "a registration without a session",
    "401 not-signed-in",
    async (to) => to.say("POST", "/v1/wallets", { json: await to.proof({ username: "alice" }) }),
  ],
  [
    "a registration in another's name",
    "401 bad-signature",
    async (to) => to.say("POST", "/v1/wallets", { as: "alice", json: await to.proof({ username: "bob" }) }),
  ],
  [
    "a registration signed as a sign-in",
    "401 bad-signature",
    async (to) => to.say("POST", "/v1/wallets", { as: "alice", json: await to.proof() }),
  ],
  [
    "a registration for another address",
    "401 bad-signature",
    async (to) =>
      to.say("POST", "/v1/wallets", {
        as: "alice",
        json: await to.proof({ username: "alice", origin: "https://evil.example" }),
      }),
  ],
  [
    "a wallet of another key",
    "422 wallet-key-mismatch",
    async (to) =>
      to.say("POST", "/v1/wallets", {
        as: "alice",
        json: { ...(await to.proof({ username: "alice" })), wallet: to.story.otherKeys.walletId },
      }),
  ],
  [
    "a challenge of another server",
    "401 challenge-spent",
    async (to) =>
      to.say("POST", "/v1/wallets", {
        as: "alice",
        json: await to.proof({ username: "alice", challenge: "ab".repeat(32) }),
      }),
  ],
  [
    "a signature that is none",
    "401 bad-signature",
    async (to) =>
      to.say("POST", "/v1/wallets", {
        as: "alice",
        json: { ...(await to.proof({ username: "alice" })), signature: "AA" },
      }),
  ],
  [
    "a signature in another spelling",
    "401 bad-signature",
    async (to) => {
      const proof = await to.proof({ username: "alice" });
      return to.say("POST", "/v1/wallets", { as: "alice", json: { ...proof, signature: `${proof.signature}==` } });
    },
  ],
  [
    "upper-case hex",
    "422 invalid-request",
    async (to) => {
      const proof = await to.proof({ username: "alice" });
      return to.say("POST", "/v1/wallets", {
        as: "alice",
        json: { ...proof, publicKey: proof.publicKey.toUpperCase() },
      });
    },
  ],
  [
    "a wallet",
    "201",
    async (to) => to.say("POST", "/v1/wallets", { as: "alice", json: await to.proof({ username: "alice" }) }),
  ],
  [
    "the same again",
    "200",
    async (to) => to.say("POST", "/v1/wallets", { as: "alice", json: await to.proof({ username: "alice" }) }),
  ],
  [
    "the same by another user",
    "409 wallet-registered",
    async (to) => to.say("POST", "/v1/wallets", { as: "bob", json: await to.proof({ username: "bob" }) }),
  ],
  [
    "a challenge used twice",
    "401 challenge-spent",
    async (to) => {
      const json = await to.proof();
      await to.say("POST", "/v1/sessions/wallet", { json });
      return to.say("POST", "/v1/sessions/wallet", { json });
    },
  ],
  [
    "a challenge after two minutes",
    "401 challenge-spent",
    async (to) => {
      const json = await to.proof();
      to.advance(2 * 60 * 1000 + 1);
      return to.say("POST", "/v1/sessions/wallet", { json });
    },
  ],
  [
    "a sign-in by seed",
    "201",
    async (to) => to.say("POST", "/v1/sessions/wallet", { json: await to.proof(), keep: "seed" }),
  ],
  ["who a seed's session is", "200", (to) => to.say("GET", "/v1/user", { as: "seed" })],
  ["the wallets of a seed's session", "403 session-too-narrow", (to) => to.say("GET", "/v1/wallets", { as: "seed" })],
  ["the sessions of one", "403 session-too-narrow", (to) => to.say("GET", "/v1/sessions", { as: "seed" })],
  [
    "another wallet by a seed's session",
    "403 session-too-narrow",
    (to) => to.say("GET", `/v1/wallets/${to.story.otherKeys.walletId}`, { as: "seed" }),
  ],
  [
    "a registration of another wallet by one",
    "403 session-too-narrow",
    async (to) =>
      to.say("POST", "/v1/wallets", {
        as: "seed",
        json: await to.proof({ keys: to.story.otherKeys, username: "alice" }),
      }),
  ],

  ["the wallets", "200", (to) => to.say("GET", "/v1/wallets", { as: "alice" })],
  ["one", "200", (to) => to.say("GET", to.wallet(), { as: "alice" })],
  ["one by its seed", "200", (to) => to.say("GET", to.wallet(), { as: "seed" })],
  ["another user's", "404 no-wallet", (to) => to.say("GET", to.wallet(), { as: "bob" })],
  ["what is no id", "404 no-wallet", (to) => to.say("GET", "/v1/wallets/zz", { as: "alice" })],
  ["a wallet without a session", "401 not-signed-in", (to) => to.say("GET", to.wallet())],
  ["no backup", "404 no-backup", (to) => to.say("GET", to.wallet("/backups/latest"), { as: "alice" })],
  ["an empty history", "200", (to) => to.say("GET", to.wallet("/backups"), { as: "alice" })],
  ["an empty chain", "200", (to) => to.say("GET", to.wallet("/chain"), { as: "alice" })],

  ["a commit", "201", (to) => to.say("POST", to.wallet("/backups"), commit(to.story.first.bundle, 1))],
  ["another", "201", (to) => to.say("POST", to.wallet("/backups"), commit(to.story.second.bundle, 2))],
  ["the wallet after that", "200", (to) => to.say("GET", to.wallet(), { as: "alice" })],
  ["a deletion without its signature", "401 bad-signature", (to) => to.say("DELETE", to.wallet(), { as: "alice" })],
  [
    "a deletion of what was",
    "401 bad-signature",
    (to) => to.say("DELETE", to.wallet(), removal(to.story.first.sha256)),
  ],
  [
    "a deletion by another user",
    "404 no-wallet",
    (to) => to.say("DELETE", to.wallet(), removal(to.story.second.sha256, { as: "bob" })),
  ],
  ["a deletion", "204", (to) => to.say("DELETE", to.wallet(), removal(to.story.second.sha256))],
  ["the wallet that was deleted", "404 no-wallet", (to) => to.say("GET", to.wallet(), { as: "alice" })],
  ["its seed's session after that", "401 not-signed-in", (to) => to.say("GET", to.wallet(), { as: "seed" })],
  ["the wallets after that", "200", (to) => to.say("GET", "/v1/wallets", { as: "alice" })],
  [
    "its registration by another",
    "201",
    async (to) => to.say("POST", "/v1/wallets", { as: "bob", json: await to.proof({ username: "bob" }) }),
  ],
  [
    "an old commit, replayed",
    "409 revision-conflict",
    (to) => to.say("POST", to.wallet("/backups"), commit(to.story.first.bundle, 1, { as: "bob" })),
  ],
  [
    "a first commit above",
    "201",
    (to) => {
      const bundle = withHead(to.story.first.bundle, { revision: 3 });
      return to.say("POST", to.wallet("/backups"), commit(bundle, 3, { as: "bob" }));
    },
  ],
];

answersAlike("wallets, in memory as in earnest:", WALLETS, { before: users });
