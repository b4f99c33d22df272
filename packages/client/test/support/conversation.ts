import { type Backup, type BackupKeys, createBackup, defaultPrimitives, deriveBackupKeys } from "@cloudbackup/core";
import {
  commitFields,
  decodeBundle,
  encodeBundle,
  registerFields,
  SIGNATURE_TAGS,
  type SignatureTag,
  signInFields,
} from "@cloudbackup/core/wire";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Fetch } from "../../src/options.ts";
import { signatureText } from "../../src/seed-sign-in.ts";
import { dump, labels, noise, OTHER_SEED, PASSWORD, renamed, SEED } from "./wallets.ts";

const { sha256 } = defaultPrimitives;

/** What two servers of one realm and one address are told alike. */
export interface Story {
  url: string;
  realm: Uint8Array;
  /** Of the wallet that is backed up. */
  keys: BackupKeys;
  /** Of another one. */
  otherKeys: BackupKeys;
  /** The same bytes for both servers: a whole one, an update of it, one that replaces both. */
  first: Backup;
  second: Backup;
  third: Backup;
}

export function tellStory(url: string, realm: string): Story {
  const keys = deriveBackupKeys(SEED, hexToBytes(realm));
  const otherKeys = deriveBackupKeys(OTHER_SEED, hexToBytes(realm));
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const more = { keys, device: random(16), now: Date.now(), random };
  // Several chunks.
  const large = { ...dump, "acme.photos": [noise(100_000)] };
  const first = createBackup({ ...more, dump: large });
  const changed = renamed("Renamed", { ...large, labels: labels.slice(0, 200) });
  const second = createBackup({ ...more, dump: changed, previous: first.state });
  const third = createBackup({ ...more, dump, previous: second.state, whole: true, revision: 7 });
  return { url, realm: hexToBytes(realm), keys, otherKeys, first, second, third };
}

/** A request as a row of a table says it. */
export interface Saying {
  /** Whose session it is sent by: a name that `keep` was given. */
  as?: string;
  json?: unknown;
  body?: Uint8Array | string;
  /** Of the body; by default that of JSON where there is `json`. */
  type?: string;
  headers?: Record<string, string>;
  /** Puts the signature of the story's wallet, or by other keys, into the header. */
  sign?: { tag: SignatureTag; fields: Uint8Array; keys?: BackupKeys };
  /** The token of the answer is kept under this name. */
  keep?: string;
}

/** A commit of those bytes by alice, signed as of that revision. */
export function commit(body: Uint8Array, revision: number, more: Saying = {}): Saying & Required<Pick<Saying, "sign">> {
  const sign = { tag: SIGNATURE_TAGS.commit, fields: commitFields(revision, sha256(body)) };
  return { as: "alice", type: "application/cbor-seq", body, sign, ...more };
}

/** The bundle with another head. */
export function withHead(bundle: Uint8Array, change: object, withItems = true): Uint8Array {
  const { head, items } = decodeBundle(bundle);
  return encodeBundle({ head: { ...head, ...change }, items: withItems ? items : [] });
}

/** What of an answer must be the same on both servers. */
export interface Heard {
  /** `409 revision-conflict`, or the status alone. */
  outcome: string;
  type: string;
  headers: Record<string, string>;
  body: unknown;
}

/** One server, and what has been said to it. */
export class Conversation {
  readonly story: Story;
  readonly #fetch: Fetch;
  readonly #tokens = new Map<string, string>();

  constructor(story: Story, fetch: Fetch) {
    this.story = story;
    this.#fetch = fetch;
  }

  /** `/v1/wallets/{id}` of the story's wallet, and what stands behind it. */
  wallet(rest = ""): string {
    return `/v1/wallets/${this.story.keys.walletId}${rest}`;
  }

  async say(method: string, path: string, saying: Saying = {}): Promise<Heard> {
    const { as, json, body, type, sign, keep } = saying;
    const headers: Record<string, string> = { ...saying.headers };
    if (as !== undefined) headers.authorization = `Bearer ${this.#tokens.get(as) ?? as}`;
    if (json !== undefined) headers["content-type"] = "application/json";
    if (type !== undefined) headers["content-type"] = type;
    if (sign) {
      const { tag, fields, keys = this.story.keys } = sign;
      headers["cloudbackup-signature"] = signatureText(keys.sign(tag, this.story.url, fields));
    }
    const content = json === undefined ? body : JSON.stringify(json);
    const init: RequestInit = { method, headers, ...(content === undefined ? {} : { body: content as BodyInit }) };
    const response = await this.#fetch(this.story.url + path, init);
    const heard = await hear(response.clone() as Response);
    if (keep !== undefined) this.#tokens.set(keep, (await response.json()).token);
    return heard;
  }

  /** What shows that a wallet's holder is there: with a challenge that was just asked for. */
  async proof(more: { keys?: BackupKeys; origin?: string; username?: string; challenge?: string } = {}) {
    const { keys = this.story.keys, origin = this.story.url, username } = more;
    const challenge = more.challenge ?? (await this.challenge());
    const bytes = hexToBytes(challenge);
    const [tag, fields] =
      username === undefined
        ? [SIGNATURE_TAGS.signIn, signInFields(bytes)]
        : [SIGNATURE_TAGS.register, registerFields(bytes, username)];
    const signature = signatureText(keys.sign(tag, origin, fields));
    return { wallet: keys.walletId, publicKey: bytesToHex(keys.publicKey), challenge, signature };
  }

  async challenge(): Promise<string> {
    const response = await this.#fetch(`${this.story.url}/v1/challenges`, { method: "POST" });
    return (await response.json()).challenge;
  }

  register(username: string): Promise<Heard> {
    return this.say("POST", "/v1/users", {
      json: { username, password: PASSWORD, email: `${username}@example.org` },
    });
  }

  signIn(username: string, password = PASSWORD): Promise<Heard> {
    return this.say("POST", "/v1/sessions", { json: { username, password }, keep: username });
  }
}

const COMPARED_HEADERS = ["etag", "location", "cache-control", "retry-after", "content-length", "www-authenticate"];

async function hear(response: Response): Promise<Heard> {
  const { status, headers } = response;
  const type = (headers.get("content-type") ?? "").split(";", 1)[0] ?? "";
  const isJson = /json$/.test(type);
  const body = isJson ? await response.json() : bytesToHex(new Uint8Array(await response.arrayBuffer()));
  // Of JSON, the length of what differs differs; where nothing comes, not everybody says so.
  const compared = COMPARED_HEADERS.filter((name) => name !== "content-length" || (!isJson && body !== ""));
  const heard = compared.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) ?? ""]] : []));
  return {
    outcome: [status, ...(type === "application/problem+json" ? [body.code] : [])].join(" "),
    type,
    headers: Object.fromEntries(heard),
    body: isJson ? comparable(body) : body,
  };
}

/** Each server's own words, names, secrets and times are left out of what is compared. */
const OWN = ["name", "version", "origins", "title", "detail", "requestId", "token", "challenge", "id"];

function comparable(json: unknown, key = ""): unknown {
  if (OWN.includes(key)) return typeof json;
  if (Array.isArray(json)) return json.map((each) => comparable(each));
  if (typeof json === "object" && json !== null) {
    return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, comparable(value, name)]));
  }
  if (/(?:At)$/.test(key) && typeof json === "string") return Number.isNaN(Date.parse(json)) ? json : "a time";
  return json;
}
