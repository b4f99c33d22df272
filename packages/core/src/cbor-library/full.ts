import { encodeInto, Tokenizer } from "cborg";
import type { CborLibrary } from "./library.ts";

export const library: CborLibrary = {
  encodeInto: (value, into) => encodeInto(value, into, ENCODE_OPTIONS).written,
  reader(bytes) {
    const items = new Items(bytes, { allowBigInt: true });
    return (start) => items.at(start);
  },
};

const ENCODE_OPTIONS = { ignoreUndefinedProperties: true };

class Items extends Tokenizer {
  at(start: number): unknown {
    this._pos = start;
    return this.next().value;
  }
}
