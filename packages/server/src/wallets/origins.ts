/*
 * Under which addresses wallets may sign. A signature names the origin of the URL that the client called, so that one made
 * for another server is worth nothing here. A request does not repeat that origin: the server tries those it accepts. What
 * `Host` says only chooses among them, it never adds one; it comes from whoever relays the request.
 */

/** Loopback at any port: what a server accepts that was not told its public addresses. */
export const LOOPBACK_ORIGINS = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"] as const;

/** One accepted origin, or all ports of one host. */
export interface OriginRule {
  /** As `GET /v1/server` lists it. */
  text: string;
  /** `scheme://host` without port. */
  prefix: string;
  /** Null: any. */
  origin: string | null;
}

/** What a request says of the address it was sent to. None of it is trusted. */
export interface RequestAddress {
  host: string | undefined;
  forwardedHost: string | undefined;
  forwardedProto: string | undefined;
  /** Where this server listens, undefined where it does not. */
  listeningPort: number | undefined;
}

/** Reads `https://host`, `https://host:port` or `http://host:*`. @throws TypeError with `name` */
export function parseOriginRule(value: unknown, name: string): OriginRule {
  const wrong = () =>
    new TypeError(`${name} must be like https://backup.example, without a path, not "${String(value)}"`);
  if (typeof value !== "string") throw wrong();
  const anyPort = value.endsWith(":*");
  const url = parseHttpUrl(anyPort ? value.slice(0, -2) : value);
  if (!url || !isBare(url)) throw wrong();
  const prefix = `${url.protocol}//${url.hostname}`;
  if (!anyPort) return { text: url.origin, prefix, origin: url.origin };
  if (url.port !== "") throw wrong();
  return { text: `${prefix}:*`, prefix, origin: null };
}

/** The accepted origins that a request may have been signed for, the likeliest first, without repetition. */
export function acceptedOrigins(rules: readonly OriginRule[], address: RequestAddress): string[] {
  const named = namedOrigins(address).filter((origin) => rules.some((rule) => matches(rule, origin)));
  const fixed = rules.flatMap((rule) => rule.origin ?? originAtPort(rule, address.listeningPort));
  return [...new Set([...named, ...fixed])];
}

/** Origins that the request names and the server does not accept: tried to tell a wrong address from a wrong key. */
export function foreignOrigins(rules: readonly OriginRule[], address: RequestAddress): string[] {
  return [...new Set(namedOrigins(address).filter((origin) => !rules.some((rule) => matches(rule, origin))))];
}

function namedOrigins({ host, forwardedHost, forwardedProto }: RequestAddress): string[] {
  const hosts = [host, forwardedHost].filter((each) => each !== undefined);
  const schemes = ["http", "https", ...(forwardedProto === undefined ? [] : [forwardedProto])];
  return hosts.flatMap((each) => schemes.flatMap((scheme) => parseHttpUrl(`${scheme}://${each}`)?.origin ?? []));
}

function matches(rule: OriginRule, origin: string): boolean {
  if (rule.origin !== null) return rule.origin === origin;
  const url = new URL(origin);
  return `${url.protocol}//${url.hostname}` === rule.prefix;
}

function originAtPort(rule: OriginRule, port: number | undefined): string[] {
  return port === undefined ? [] : [new URL(`${rule.prefix}:${port}`).origin];
}

function parseHttpUrl(value: string): URL | null {
  const url = URL.canParse(value) ? new URL(value) : null;
  return url && (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "" ? url : null;
}

function isBare({ pathname, search, hash, username, password }: URL): boolean {
  return pathname === "/" && [search, hash, username, password].every((part) => part === "");
}
