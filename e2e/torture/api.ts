/** Something that must never be: an acknowledged backup that is lost, a torn one, a database that is not whole. */
export class Finding extends Error {
  override readonly name = "Finding";
}

/** The server was killed, or is stopping: whether it did what it was asked to is not known. */
export class NoReplyError extends Error {
  override readonly name = "NoReplyError";
}

export interface Call {
  token?: string | undefined;
  /** An object is sent as JSON. */
  body?: Uint8Array | object;
  /** Of a body of bytes. */
  type?: string;
  signature?: Uint8Array;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** Null where the connection was cut inside of it. */
  body: Uint8Array | null;
}

/** Requests to a server that may die at any moment. */
export class Api {
  /** What signatures are made for. */
  readonly origin: string;

  constructor(url: string) {
    this.origin = new URL(url).origin;
  }

  /** @throws NoReplyError where there was no status, or one that says that the server is stopping */
  async send(method: string, path: string, { token, body, type, signature }: Call = {}): Promise<Answer> {
    const isBytes = body instanceof Uint8Array;
    const headers = new Headers();
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    if (signature) headers.set("cloudbackup-signature", Buffer.from(signature).toString("base64url"));
    if (body) headers.set("content-type", isBytes ? (type ?? "application/cbor-seq") : "application/json");
    const payload = body && (isBytes ? new Uint8Array(body) : JSON.stringify(body));
    const response = await fetch(this.origin + path, { method, headers, ...(payload ? { body: payload } : {}) }).catch(
      (cause: unknown) => {
        throw new NoReplyError(`${method} ${path} was not answered`, { cause });
      },
    );
    const bytes = await response.bytes().catch(() => null);
    if (response.status === 503) throw new NoReplyError(`${method} ${path}: the server is stopping`);
    return { status: response.status, headers: response.headers, body: bytes };
  }

  /** For what a running server must answer, with one of these statuses. @throws Finding, NoReplyError */
  async expect(statuses: readonly number[], method: string, path: string, call: Call = {}): Promise<Answer> {
    const answer = await this.send(method, path, call);
    if (statuses.includes(answer.status)) return answer;
    const said = Buffer.from(answer.body ?? []).toString();
    throw new Finding(`${method} ${path} is answered ${answer.status}, not ${statuses.join(" or ")}: ${said}`);
  }

  /** The JSON of a 200. @throws Finding, NoReplyError */
  async read<T>(path: string, token: string): Promise<T> {
    return jsonOf(await this.expect([200], "GET", path, { token }));
  }
}

/** @throws NoReplyError where the body was cut */
export function jsonOf<T>({ body }: Answer): T {
  if (!body) throw new NoReplyError("the answer was cut");
  return JSON.parse(Buffer.from(body).toString()) as T;
}
