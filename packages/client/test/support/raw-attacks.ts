import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import type { Answer } from "./http.ts";

/** What only a server at the wire can do, in place of sending the latest backup. */
export interface RawAttack {
  does: string;
  /** Of these errors, a restore throws one. None: it is without effect. */
  codes: readonly string[];
  /** Begins an answer. @param taken told of the bytes that the connection took */
  answer(reply: ServerResponse, socket: Socket, honest: Buffer, taken: (bytes: number) => void): void;
}

const UNREACHABLE = ["ERR_CB_UNREACHABLE"];
const TOO_LARGE = ["ERR_CB_TOO_LARGE"];
const SEQUENCE = "content-type: application/cbor-seq";
const BLOCK = Buffer.alloc(64 * 1024);

/** Bytes on the wire, instead of an answer by Node. */
function bytes(does: string, codes: readonly string[], send: (socket: Socket, honest: Buffer) => void): RawAttack {
  return { does, codes, answer: (_, socket, honest) => send(socket, honest) };
}

const head = (...lines: string[]) => `${["HTTP/1.1 200 OK", SEQUENCE, ...lines].join("\r\n")}\r\n\r\n`;

/** Writes for as long as the other side takes it. */
function endless(does: string, codes: readonly string[], begin: (reply: ServerResponse) => void): RawAttack {
  return {
    does,
    codes,
    answer(reply, _, __, taken) {
      begin(reply);
      const pour = () => {
        while (!reply.destroyed) {
          taken(BLOCK.length);
          if (!reply.write(BLOCK)) return void reply.once("drain", pour);
        }
      };
      pour();
    },
  };
}

/** Again and again, until the other side has gone. */
function every(ms: number, socket: Socket, send: () => void): void {
  const timer = setInterval(send, ms);
  socket.on("error", () => undefined).on("close", () => clearInterval(timer));
}

const gzipped = (body: Buffer) => gzipSync(body, { level: 9 });
const bomb = gzipped(Buffer.alloc(256 * 1024 * 1024));

export const RAW_ATTACKS: readonly RawAttack[] = [
  endless("sends without end", TOO_LARGE, (reply) => reply.writeHead(200, { "content-type": "application/cbor-seq" })),
  endless("explains a failure without end", ["ERR_CB_BAD_RESPONSE"], (reply) =>
    reply.writeHead(404, { "content-type": "application/problem+json" }),
  ),
  endless("shows a page without end", ["ERR_CB_BAD_RESPONSE"], (reply) =>
    reply.writeHead(200, { "content-type": "text/html" }),
  ),
  {
    does: "sends a quarter of a gigabyte in 256 KB",
    codes: TOO_LARGE,
    answer: (reply) => {
      const headers = { "content-type": "application/cbor-seq", "content-encoding": "gzip" };
      reply.writeHead(200, { ...headers, "content-length": bomb.length }).end(bomb);
    },
  },
  {
    does: "compresses what is sent, as proxies may",
    codes: [],
    answer: (reply, _, honest) => {
      const headers = { "content-type": "application/cbor-seq", "content-encoding": "gzip" };
      reply.writeHead(200, headers).end(gzipped(honest));
    },
  },
  {
    does: "says that it compresses, and does not",
    codes: UNREACHABLE,
    answer: (reply, _, honest) => {
      reply.writeHead(200, { "content-type": "application/cbor-seq", "content-encoding": "gzip" }).end(honest);
    },
  },
  {
    does: "says that it compresses, a thousand times over",
    codes: [...UNREACHABLE, "ERR_CB_BAD_RESPONSE"],
    answer: (reply, _, honest) => {
      const encodings = Array.from({ length: 1_000 }, () => "gzip").join(", ");
      reply.writeHead(200, { "content-type": "application/cbor-seq", "content-encoding": encodings }).end(honest);
    },
  },
  {
    does: "announces more than it sends",
    codes: UNREACHABLE,
    answer: (reply, socket, honest) => {
      reply.writeHead(200, { "content-type": "application/cbor-seq", "content-length": honest.length + 1 });
      reply.write(honest, () => socket.destroySoon());
    },
  },
  {
    does: "cuts the connection within a backup",
    codes: UNREACHABLE,
    answer: (reply, socket, honest) => {
      reply.writeHead(200, { "content-type": "application/cbor-seq", "content-length": honest.length });
      reply.write(honest.subarray(0, honest.length >> 1), () => socket.destroy());
    },
  },
  {
    does: "cuts the connection before any answer",
    codes: UNREACHABLE,
    answer: (_, socket) => {
      socket.destroy();
    },
  },
  { does: "takes the request, and says nothing", codes: UNREACHABLE, answer: () => undefined },
  {
    does: "begins an answer, and says no more",
    codes: UNREACHABLE,
    answer: (reply, _, honest) => {
      reply.writeHead(200, { "content-type": "application/cbor-seq" }).write(honest.subarray(0, 100));
    },
  },
  bytes(
    "sends less than it announces, and another answer after it",
    ["ERR_CB_TAMPERED", "ERR_CB_INCOMPLETE"],
    (socket, honest) => {
      const half = honest.subarray(0, honest.length >> 1);
      socket.write(head(`content-length: ${half.length}`));
      socket.write(Buffer.concat([half, Buffer.from(`${head("content-length: 3")}abc`)]));
    },
  ),
  {
    does: "sends a backup a byte at a time, for ever as it were",
    codes: UNREACHABLE,
    answer: (reply, socket, honest) => {
      reply.writeHead(200, { "content-type": "application/cbor-seq", "content-length": honest.length });
      let at = 0;
      every(5, socket, () => reply.write(honest.subarray(at, ++at)));
    },
  },
  bytes("announces two lengths", UNREACHABLE, (socket, honest) => {
    socket.write(head("content-length: 5", `content-length: ${honest.length}`));
    socket.write(honest);
  }),
  bytes("announces a negative length", UNREACHABLE, (socket, honest) => {
    socket.write(head("content-length: -1"));
    socket.write(honest);
  }),
  bytes("announces more bytes than there are", [...TOO_LARGE, ...UNREACHABLE], (socket, honest) => {
    socket.write(head("content-length: 99999999999999999999"));
    socket.write(honest);
  }),
  bytes("announces more than a device takes", TOO_LARGE, (socket) => {
    socket.write(head("content-length: 1000000000"));
  }),
  bytes("sends a header of a megabyte", UNREACHABLE, (socket) => {
    socket.write(head(`x-long: ${"x".repeat(1_000_000)}`, "content-length: 0"));
  }),
  bytes("sends a hundred thousand headers", UNREACHABLE, (socket) => {
    socket.write(head(...Array.from({ length: 100_000 }, (_, i) => `x-${i}: ${i}`), "content-length: 0"));
  }),
  bytes("sends headers without end", UNREACHABLE, (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${SEQUENCE}\r\n`);
    every(1, socket, () => socket.write(`x-more: ${"x".repeat(500)}\r\n`));
  }),
  bytes("sends a header a byte at a time", UNREACHABLE, (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${SEQUENCE}\r\nx-slow: `);
    every(20, socket, () => socket.write("x"));
  }),
  bytes("speaks something else than HTTP", UNREACHABLE, (socket) => {
    socket.write("SSH-2.0-OpenSSH_9.9\r\n");
  }),
  bytes("gives hints first, as servers may", [], (socket, honest) => {
    socket.write("HTTP/1.1 103 Early Hints\r\nlink: </evil.js>; rel=preload\r\n\r\n");
    socket.write(head(`content-length: ${honest.length}`));
    socket.write(honest);
  }),
  bytes("gives hints for ever", UNREACHABLE, (socket) => {
    every(10, socket, () => socket.write("HTTP/1.1 103 Early Hints\r\nlink: </evil.js>; rel=preload\r\n\r\n"));
  }),
  bytes("changes to another protocol", UNREACHABLE, (socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: evil\r\n\r\n");
  }),
  bytes("sends pieces whose lengths are none", UNREACHABLE, (socket) => {
    socket.write(head("transfer-encoding: chunked"));
    socket.write("zz\r\nabc\r\n");
  }),
  bytes("sends pieces with words to them, without end", UNREACHABLE, (socket) => {
    socket.write(head("transfer-encoding: chunked"));
    socket.write("5;");
    every(10, socket, () => socket.write("x".repeat(1_000)));
  }),
  bytes("sends pieces and a length", [...UNREACHABLE, "ERR_CB_TAMPERED", "ERR_CB_INCOMPLETE"], (socket, honest) => {
    socket.write(head("transfer-encoding: chunked", `content-length: ${honest.length}`));
    socket.write("0\r\n\r\n");
  }),
];

/** Answers a request for the latest backup so. */
export function answerOf(attack: RawAttack, honest: Buffer, taken: (bytes: number) => void): Answer {
  return ({ socket }, reply) => {
    for (const each of [socket, reply]) each.on("error", () => undefined);
    attack.answer(reply, socket, honest, taken);
  };
}
