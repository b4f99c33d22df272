import { validateHeaderValue } from "node:http";
import { chunksFields, commitFields, decodeBundle, deleteFields, SIGNATURE_TAGS } from "@cloudbackup/core/wire";
import fc from "fast-check";
import { sha256 } from "../../../packages/server/test/support/wallet.ts";
import { mutateBytes } from "../mutate-bytes.ts";
import { encodeItems, everyItem, mutateItems, parseItems } from "../mutate-cbor.ts";
import { mutateJson } from "../mutate-json.ts";
import type { Source } from "../source.ts";
import type { InjectOptions, ServerWorld } from "./server-world.ts";

/** Changes a request, most often one part of it; what needs a signature has a right one then, unless that was changed. */
export function mutateRequest(source: Source, request: InjectOptions, world: ServerWorld): InjectOptions {
  const mutant: InjectOptions = { ...request, headers: { ...request.headers } };
  const isJson = mutant.payload !== undefined && !(mutant.payload instanceof Uint8Array);
  if (source.oneIn(2) && mutant.payload !== undefined) {
    mutant.payload = isJson
      ? Buffer.from(mutateJson(source, mutant.payload))
      : mutateBody(source, mutant.payload as Buffer);
  } else if (isJson) {
    mutant.payload = Buffer.from(JSON.stringify(mutant.payload));
  }
  sign(mutant, world);
  const odd = source.below(12);
  if (odd === 0) mutant.url = oddUrl(source, String(mutant.url));
  if (odd === 1) mutant.headers = { ...mutant.headers, ...oddHeaders(source) };
  if (odd === 2) mutant.method = source.pick(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]);
  if (odd === 3 && mutant.payload === undefined) mutant.payload = Buffer.from(mutateJson(source, { a: 1 }));
  return mutant;
}

function mutateBody(source: Source, body: Buffer): Buffer {
  const bytes = new Uint8Array(body);
  if (bytes.length === 0 || source.oneIn(3)) return Buffer.from(mutateBytes(source, bytes, bytes));
  let items = parseItems(bytes);
  const donors = everyItem(items);
  for (let rounds = source.pick([1, 1, 2]); rounds > 0; rounds--) items = mutateItems(source, items, donors);
  return Buffer.from(encodeItems(items));
}

/** As the wallet would: over the body that is sent, whatever it is. */
function sign(request: InjectOptions, { wallet, sha256: current }: ServerWorld): void {
  const url = String(request.url);
  const body = request.payload instanceof Uint8Array ? request.payload : new Uint8Array();
  const header = (signature: string) => {
    request.headers = { ...request.headers, "cloudbackup-signature": signature };
  };
  if (request.method === "DELETE" && url === wallet.path)
    header(wallet.sign(SIGNATURE_TAGS.delete, deleteFields(current)));
  if (request.method !== "POST") return;
  if (url.endsWith("/chunks")) header(wallet.sign(SIGNATURE_TAGS.chunks, chunksFields(sha256(body))));
  if (url.endsWith("/backups"))
    header(wallet.sign(SIGNATURE_TAGS.commit, commitFields(revisionOf(body), sha256(body))));
}

function revisionOf(body: Uint8Array): number {
  try {
    return decodeBundle(body).head.revision;
  } catch {
    return 1;
  }
}

const ODD_PARTS = [
  "%00", "%ff", "%", "%2e%2e", "..", "//", "%2f", "é", "%F0%9F%94%91", "__proto__", "constructor", "a".repeat(3_000), "0".repeat(64),
  "F".repeat(64), "latest", "-1", "1e3", "9".repeat(40), "*", ":id", ";x=y", "#x", "?", "?chunks=none&chunks=none", "?chunks[]=none",
  "?chunks=", "?from=1&from=2", "?from=-1", "?from=1e9", "?__proto__[a]=1", "?constructor=1", "?a=%", "?".repeat(50),
]; // biome-ignore format: a list of values

/** Another path or query that a request line could hold. */
function oddUrl(source: Source, url: string): string {
  const [path = "", query] = url.split("?");
  const parts = path.split("/");
  const place = 1 + source.below(parts.length);
  parts[place] = source.oneIn(3)
    ? encodeURIComponent(source.draw(fc.string({ unit: "grapheme" })))
    : source.pick(ODD_PARTS);
  const odd = source.oneIn(3)
    ? `${url}${source.pick(ODD_PARTS)}`
    : parts.join("/") + (query === undefined ? "" : `?${query}`);
  return URL.canParse(odd, "http://localhost") ? odd : path;
}

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  authorization: ["", "Bearer", "Bearer ", "Basic YTpi", `Bearer ${"A".repeat(43)}`, `Bearer ${"A".repeat(5_000)}`, "Bearer \u00ff"],
  "content-type": ["", "text/plain", "application/json; charset=utf-16", "application/cbor", "application/cbor-seq", "application/json", "multipart/form-data; boundary=", "application/x-www-form-urlencoded", "a/b/c", ";", "application/json;".repeat(200)],
  "content-length": ["0", "1", "-1", "99999999999", "x", "1, 2"],
  "cloudbackup-signature": ["", "A", "A".repeat(86), "A".repeat(9_000), "/".repeat(86), "\u00ff"],
  "if-none-match": ["*", '"', 'W/"a"', ",".repeat(5_000), `"${"0".repeat(64)}"`],
  host: ["", "localhost:99999", "[::1", "a b", "xn--", "evil.example", "localhost:80:80", "//", "\u00ff"],
  "x-forwarded-host": ["evil.example", "a, b", "[", "", "%"],
  "x-forwarded-proto": ["https", "javascript", "ftp", "", ":"],
  origin: ["null", "https://evil.example", "\u00ff"],
  "access-control-request-method": ["POST", "", "X"],
  "access-control-request-headers": ["authorization", ",".repeat(2_000)],
  accept: ["text/html", "*/*;q=2", ""],
  "accept-encoding": ["br", "*"],
  range: ["bytes=0-0", "bytes=9999999999-"],
  expect: ["200-ok"],
  cookie: ["__proto__=1", "a=%"],
  "transfer-encoding": ["gzip"],
  connection: ["close"],
}; // biome-ignore format: lists of values

function oddHeaders(source: Source): Record<string, string> {
  const name = source.pick(Object.keys(HEADERS));
  const value = source.oneIn(4) ? source.draw(fc.string({ maxLength: 30 })) : source.pick(HEADERS[name] as string[]);
  try {
    validateHeaderValue(name, value);
    return { [name]: value };
  } catch {
    return {};
  }
}
