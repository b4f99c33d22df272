import {
  type Attack,
  type AttackedCall,
  attack,
  type Exchange,
  page,
  problem,
  walletIdIn,
  withJson,
} from "./attack.ts";

/*
 * Who the server is, and who it says that the wallet's owner is.
 */

const BAD_RESPONSE = ["ERR_CB_BAD_RESPONSE"];

function onInfo(
  name: string,
  does: string,
  codes: readonly string[],
  change: (info: Record<string, unknown>) => unknown,
  device: Attack["device"] = "any",
): Attack {
  return attack({ name, does, codes, device, against: "serverInfo" }, (exchange) =>
    exchange.path === "/v1/server" ? withJson(exchange.honest(), change) : undefined,
  );
}

function onPath(
  against: AttackedCall,
  isIt: (exchange: Exchange) => boolean,
  parts: Pick<Attack, "name" | "does" | "codes">,
  answer: (exchange: Exchange) => Response | Promise<Response>,
): Attack {
  return attack({ ...parts, against }, (exchange) => (isIt(exchange) ? answer(exchange) : undefined));
}

const isSignIn = ({ path }: Exchange) => path === "/v1/sessions/wallet";
const isChallenge = ({ path }: Exchange) => path === "/v1/challenges";
const signIn = (name: string, does: string, codes: readonly string[], change: (json: object) => unknown) =>
  onPath("signInWithSeed", isSignIn, { name, does, codes }, ({ honest }) => withJson(honest(), change));
const challenge = (name: string, does: string, value: unknown) =>
  onPath("signInWithSeed", isChallenge, { name, does, codes: BAD_RESPONSE }, () => Response.json({ challenge: value }));

export const SESSION_ATTACKS: readonly Attack[] = [
  onInfo(
    "another-realm",
    "is another server at the same address",
    ["ERR_CB_ANOTHER_REALM"],
    (info) => ({ ...info, realm: "ab".repeat(16) }),
    "seen",
  ),
  onInfo("no-realm", "says that it is no server", BAD_RESPONSE, (info) => ({ ...info, realm: "00".repeat(16) })),
  onInfo("short-realm", "has a realm of 15 bytes", BAD_RESPONSE, (info) => ({ ...info, realm: "ab".repeat(15) })),
  onInfo("realm-of-a-list", "has a list for a realm", BAD_RESPONSE, (info) => ({ ...info, realm: ["ab".repeat(16)] })),
  onInfo("other-formats", "stores other formats", ["ERR_CB_UNSUPPORTED_VERSION"], (info) => ({
    ...info,
    formats: [2, 3],
  })),
  onInfo("formats-of-text", "says its formats in words", BAD_RESPONSE, (info) => ({ ...info, formats: ["1"] })),
  onInfo("a-list-of-servers", "describes itself in a list", BAD_RESPONSE, (info) => [info]),
  onInfo("null", "describes itself as nothing", BAD_RESPONSE, () => null),
  onInfo("described-in-a-prototype", "describes itself in a prototype", BAD_RESPONSE, (info) =>
    JSON.parse(`{"__proto__":${JSON.stringify(info)}}`),
  ),
  onPath(
    "serverInfo",
    ({ path }) => path === "/v1/server",
    { name: "utf-16", does: "describes itself in UTF-16", codes: BAD_RESPONSE },
    async ({ honest }) => {
      const text = await (await honest()).text();
      const bytes = new Uint8Array(Uint16Array.from(text, (character) => character.charCodeAt(0)).buffer);
      return new Response(bytes, { headers: { "content-type": "application/json; charset=utf-16le" } });
    },
  ),
  onPath(
    "serverInfo",
    ({ path }) => path === "/v1/server",
    { name: "deep-json", does: "describes itself in lists inside each other", codes: BAD_RESPONSE },
    () => new Response("[".repeat(30_000) + "]".repeat(30_000), { headers: { "content-type": "application/json" } }),
  ),
  onPath(
    "serverInfo",
    ({ path }) => path === "/v1/server",
    { name: "long-json", does: "describes itself at length", codes: ["ERR_CB_TOO_LARGE"] },
    () => Response.json({ name: "x".repeat(100_000) }),
  ),
  onPath(
    "serverInfo",
    ({ path }) => path === "/v1/server",
    { name: "captive-portal", does: "asks a person to sign in to the network", codes: BAD_RESPONSE },
    () => page(200),
  ),

  challenge("short-challenge", "challenges by 31 bytes", "ab".repeat(31)),
  challenge("long-challenge", "challenges by 33 bytes", "ab".repeat(33)),
  challenge("challenge-of-no-hex", "challenges by something else", "zz".repeat(32)),
  challenge("challenge-of-an-object", "challenges by an object", { toString: "x" }),
  signIn("token-with-a-header", "hides a header in the token", BAD_RESPONSE, (json) => ({
    ...json,
    token: "abc\r\nx-evil: 1",
  })),
  signIn("empty-token", "gives no token", BAD_RESPONSE, (json) => ({ ...json, token: "" })),
  signIn("token-of-a-number", "gives a number for a token", BAD_RESPONSE, (json) => ({ ...json, token: 7 })),
  signIn("token-beyond-headers", "gives a token that no header holds", BAD_RESPONSE, (json) => ({
    ...json,
    token: "A".repeat(60_000),
  })),
  signIn("nobodys-session", "does not say whose the wallet is", BAD_RESPONSE, (json) => ({ ...json, username: null })),
  onPath(
    "signInWithSeed",
    isSignIn,
    { name: "bad-signature", does: "says that the signature is wrong", codes: ["ERR_CB_REFUSED"] },
    () => problem(401, "bad-signature"),
  ),

  onPath(
    "restore",
    (exchange) => walletIdIn(exchange) !== "",
    { name: "signed-out-for-ever", does: "takes no session, whichever it gave", codes: ["ERR_CB_NOT_SIGNED_IN"] },
    () => problem(401, "not-signed-in"),
  ),
  attack(
    { name: "another-owner", does: "renews the session in another user's name", codes: ["ERR_CB_NOT_YOURS"] },
    (exchange) => {
      if (walletIdIn(exchange) !== "") return problem(401, "not-signed-in");
      return isSignIn(exchange) ? withJson(exchange.honest(), (json) => ({ ...json, username: "mallory" })) : undefined;
    },
  ),
];
