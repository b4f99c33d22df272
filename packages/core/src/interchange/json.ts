import { type JSONVisitor, visit } from "jsonc-parser";
import { isExact } from "./canonical-json.ts";
import { ImportError, type Place } from "./errors.ts";
import { withoutMark } from "./text.ts";

/** A value of JSON, and where it stands. Objects are maps: a key such as `__proto__` is one like others. */
export interface JsonNode extends Place {
  line: number;
  path: string;
  value: string | number | boolean | null | readonly JsonNode[] | ReadonlyMap<string, JsonNode>;
}

/** More than any wallet's file has. */
const MAX_DEPTH = 12;

/** JSON as RFC 8259 has it, each key once in its object. @throws ImportError */
export function parseJson(text: string): JsonNode {
  const open: {
    items: JsonNode[];
    map: Map<string, JsonNode> | undefined;
    key: string;
    node: Place & { line: number };
  }[] = [];
  let root: JsonNode | undefined;
  const content = withoutMark(text);
  const pathHere = () =>
    open
      .map(({ items, map, key }) => (map ? `.${shownKey(key)}` : `[${items.length}]`))
      .join("")
      .replace(/^\./, "");
  const put = (value: JsonNode["value"], line: number, path: string) => {
    const node = { value, line, path };
    const inner = open.at(-1);
    if (!inner) root = node;
    else if (inner.map) inner.map.set(inner.key, node);
    else inner.items.push(node);
  };
  const begin = (map: Map<string, JsonNode> | undefined, line: number) => {
    const node = { line, path: pathHere() };
    if (open.length >= MAX_DEPTH) throw new ImportError("too many lists or objects inside each other", node);
    open.push({ items: [], map, key: "", node });
  };
  const end = () => {
    const closed = open.pop();
    if (closed) put(closed.map ?? closed.items, closed.node.line, closed.node.path ?? "");
  };
  const visitor: JSONVisitor = {
    onError: (_code, _offset, _length, line) => {
      throw new ImportError("this is not JSON", { line: line + 1, path: pathHere() });
    },
    onObjectBegin: (_offset, _length, line) => begin(new Map(), line + 1),
    onArrayBegin: (_offset, _length, line) => begin(undefined, line + 1),
    onObjectProperty: (key, _offset, _length, line) => {
      const inner = open.at(-1);
      if (!inner?.map) return;
      inner.key = key;
      if (inner.map.has(key)) throw new ImportError("the key stands twice", { line: line + 1, path: pathHere() });
    },
    onLiteralValue: (value: string | number | boolean | null, offset, length, line) => {
      const at = { line: line + 1, path: pathHere() };
      if (typeof value === "number" && !isExact(content.slice(offset, offset + length))) {
        throw new ImportError("the number has more digits than can be kept", at);
      }
      put(value, at.line, at.path);
    },
    onObjectEnd: end,
    onArrayEnd: end,
  };
  visit(content, visitor, { disallowComments: true, allowTrailingComma: false });
  if (!root) throw new ImportError("this is not JSON");
  return root;
}

/** What may be shown as it is: a key can be any text. */
export function shownKey(key: string): string {
  return /^[\w.$-]{1,64}$/.test(key) ? key : "…";
}

export function mapOf(node: JsonNode): ReadonlyMap<string, JsonNode> {
  if (!(node.value instanceof Map)) throw new ImportError("this must be an object", node);
  return node.value;
}

export function listOf(node: JsonNode, atMost: number): readonly JsonNode[] {
  if (!Array.isArray(node.value)) throw new ImportError("this must be a list", node);
  if (node.value.length > atMost) throw new ImportError(`this has more than ${atMost} items`, node);
  return node.value;
}

export function textOf(node: JsonNode): string {
  if (typeof node.value !== "string") throw new ImportError("this must be text", node);
  if (/\p{Surrogate}/u.test(node.value)) throw new ImportError("this holds half a character", node);
  return node.value;
}

export function uintOf(node: JsonNode): number {
  if (typeof node.value !== "number" || !Number.isSafeInteger(node.value) || node.value < 0) {
    throw new ImportError("this must be an integer from 0", node);
  }
  return node.value === 0 ? 0 : node.value;
}

/** A key that must be there. */
export function fieldOf(node: JsonNode, key: string): JsonNode {
  const field = mapOf(node).get(key);
  if (!field) throw new ImportError(`it has no ${key}`, node);
  return field;
}
