import { Readable } from "node:stream";

/** What the reader has not taken yet; an event has about 120 bytes. */
const MAX_WAITING_BYTES = 4 * 1024;

/** Where a wallet stands, as an event tells it. */
export interface Standing {
  revision: number;
  /** SHA-256 of the envelope, hex. */
  sha256: string;
}

/**
 * A stream of server-sent events to one reader. One that does not read is cut off: it comes back, and is told where the
 * wallet stands then.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventStream {
  readonly body: Readable = new Readable({ highWaterMark: MAX_WAITING_BYTES, read() {} });
  #told = "";

  /** Once for each standing that differs from the last. */
  tell({ revision, sha256 }: Standing): void {
    const data = JSON.stringify({ revision, sha256 });
    if (data === this.#told) return;
    this.#told = data;
    this.#push(`id: ${revision}\nevent: revision\ndata: ${data}\n\n`);
  }

  /** A comment, which shows both sides and all between that the other is there. */
  beat(): void {
    this.#push(":\n\n");
  }

  /** After what was told. */
  end(): void {
    if (!this.body.readableEnded && !this.body.destroyed) this.body.push(null);
  }

  #push(text: string): void {
    if (this.body.destroyed) return;
    if (!this.body.push(text)) this.body.destroy();
  }
}
