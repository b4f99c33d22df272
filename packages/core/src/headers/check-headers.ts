import { assertBytes, assertKnownOptions, compareBytes, equalBytes, hexToBytes } from "../bytes.ts";
import { type BlockHeaders, HEADER_BYTES, headersSection } from "../dump/headers.ts";
import { compareText } from "../dump/order.ts";
import { checkRecords } from "../dump/sections.ts";
import { CloudBackupError } from "../errors.ts";
import { defaultPrimitives } from "../primitives/default.ts";
import type { Primitives } from "../primitives/primitives.ts";
import { type HeaderRules, RULES } from "./rules.ts";
import { beginsPeriod, decodeTarget, nextTarget, workOf } from "./target.ts";

/**
 * What is wrong with a header. `link`: it does not name the header before. `genesis`: it is not the first one of its network.
 * `target`: no target, or one that is easier than the network allows. `work`: its hash exceeds its target. `difficulty`: its
 * target is not the one that follows from the headers before. `fork`: two records have another header at that height.
 */
export type HeaderProblem = "link" | "genesis" | "target" | "work" | "difficulty" | "fork";

/** Headers that are no chain with the work it claims. */
export class InvalidHeadersError extends CloudBackupError {
  /** Of the chain. */
  readonly network: string;
  /** Of the header that is wrong. */
  readonly height: number;
  /** What is wrong with it. */
  readonly problem: HeaderProblem;

  constructor(network: string, height: number, problem: HeaderProblem) {
    super("ERR_CB_INVALID_HEADERS", `${network}, height ${height}: ${WORDS[problem]}`);
    this.network = network;
    this.height = height;
    this.problem = problem;
  }
}

const WORDS: Readonly<Record<HeaderProblem, string>> = {
  link: "the header does not name the one before",
  genesis: "the header is not the first one of its network",
  target: "the header has no target that its network allows",
  work: "the header's hash exceeds its target",
  difficulty: "the header's target does not follow from the headers before",
  fork: "two records have another header here",
};

/** Headers without a gap that were found to be one chain. */
export interface HeaderChain {
  /** Whose chain it is. */
  network: string;
  /** Height of its first header. */
  start: number;
  /** Height of its last one. */
  end: number;
  /** Of the last one: the 32 bytes that the hash spells in hex, as explorers write it. */
  hash: Uint8Array;
  /** How many hashes all of it took on the average; undefined: the rules of the network are not known. */
  work: bigint | undefined;
}

/**
 * Checks headers as someone does who trusts nobody with them: that each names the one before, across records as well; that
 * block 0 is the network's; that each hash satisfies its target, and the target the network's limit; and on mainnet and
 * signet that the target is the one that follows from the headers before, where these reach back to the period's first.
 *
 * What it cannot tell: whether there is a chain with more work, what is in the blocks, who signed those of signet, and
 * whether a time is right. Of a network without rules only the links are checked.
 *
 * @param records of the section `headers`, in any order. Where two overlap they must say the same
 * @param options `rules`: of further networks, by name; `primitives`: by default the platform's
 * @returns a chain for each run of heights without a gap, by network and height; the caller's
 * @throws InvalidHeadersError: the first header of a chain that is wrong; InvalidDumpError: a record is none of the section;
 *   TypeError, RangeError for wrong options
 * @example
 * ```ts
 * import { checkHeaders } from "@cloudbackup/core/headers";
 *
 * // Block 0 of regtest: version, hash before, Merkle root, time, target, nonce.
 * const header =
 *   "01000000" + "00".repeat(32) + "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a" + "dae5494dffff7f2002000000";
 * const bytes = Uint8Array.from(Buffer.from(header, "hex"));
 * const [chain] = checkHeaders([{ network: "regtest", start: 0, bytes }]);
 * console.log(chain?.end, chain?.work); // → 0 2n
 * ```
 * @see https://developer.bitcoin.org/reference/block_chain.html#block-headers
 */
export function checkHeaders(
  records: readonly BlockHeaders[],
  options: { rules?: Readonly<Record<string, HeaderRules>>; primitives?: Pick<Primitives, "sha256"> } = {},
): HeaderChain[] {
  if (!Array.isArray(records)) throw new TypeError("records must be an array");
  assertKnownOptions(options, ["rules", "primitives"], "checkHeaders");
  const { sha256 } = options.primitives ?? defaultPrimitives;
  const rules = new Map([...RULES, ...Object.entries(options.rules ?? {})]);
  for (const [network, each] of Object.entries(options.rules ?? {})) assertRules(each, network);
  checkRecords(headersSection, records);

  const sorted = [...records].sort((a, b) => compareText(a.network, b.network) || a.start - b.start);
  const chains: ChainReader[] = [];
  for (const record of sorted) {
    let chain = chains.at(-1);
    if (!chain || chain.network !== record.network || record.start > chain.next) {
      chain = new ChainReader(record, rules.get(record.network), sha256);
      chains.push(chain);
    }
    chain.read(record);
  }
  return chains.map((chain) => chain.result());
}

/** Follows one chain, header by header. */
class ChainReader {
  readonly network: string;
  /** The height after the last one. */
  next: number;
  readonly #start: number;
  readonly #rules: HeaderRules | undefined;
  readonly #sha256: Primitives["sha256"];
  readonly #records: BlockHeaders[] = [];
  /** Read before, by compact form. */
  readonly #targets = new Map<number, { most: Uint8Array; work: bigint }>();
  #work = 0n;
  /** Of the last header, in the order of bytes in which the next one has it. */
  #hash: Uint8Array = new Uint8Array();
  #bits = 0;
  #time = 0;
  /** Time of the header with which the period began; undefined: it is not there. */
  #periodStart: number | undefined;

  constructor({ network, start }: BlockHeaders, rules: HeaderRules | undefined, sha256: Primitives["sha256"]) {
    this.network = network;
    this.next = start;
    this.#start = start;
    this.#rules = rules;
    this.#sha256 = sha256;
  }

  result(): HeaderChain {
    const { network, next } = this;
    const work = this.#rules && this.#work;
    return { network, start: this.#start, end: next - 1, hash: this.#hash.slice().reverse(), work };
  }

  read(record: BlockHeaders): void {
    for (let height = record.start; height < endOf(record); height++) {
      const header = headerAt(record, height);
      if (height >= this.next) this.#add(header, height);
      else if (!equalBytes(header, this.#known(height))) throw this.#refuse(height, "fork");
    }
    this.#records.push(record);
  }

  /** A header of the records before, which have that height. */
  #known(height: number): Uint8Array {
    const record = this.#records.findLast((each) => each.start <= height && height < endOf(each));
    return headerAt(record as BlockHeaders, height);
  }

  #add(header: Uint8Array, height: number): void {
    const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
    const [time, bits] = [view.getUint32(68, true), view.getUint32(72, true)];
    const hash = this.#sha256(this.#sha256(header));
    const isFirst = height === this.#start;
    if (!isFirst && !equalBytes(header.subarray(4, 36), this.#hash)) throw this.#refuse(height, "link");
    if (this.#rules) {
      const shown = hash.slice().reverse();
      if (height === 0 && !equalBytes(shown, this.#rules.genesis)) throw this.#refuse(height, "genesis");
      const { most, work } = this.#targetOf(bits, this.#rules, height);
      if (compareBytes(shown, most) > 0) throw this.#refuse(height, "work");
      if (!isFirst && !this.#follows(bits, height, this.#rules)) throw this.#refuse(height, "difficulty");
      this.#work += work;
    }
    if (beginsPeriod(height)) this.#periodStart = time;
    this.#hash = hash;
    this.#bits = bits;
    this.#time = time;
    this.next = height + 1;
  }

  #targetOf(bits: number, rules: HeaderRules, height: number): { most: Uint8Array; work: bigint } {
    const known = this.#targets.get(bits);
    if (known) return known;
    const target = decodeTarget(bits);
    if (target === undefined || target > limitOf(rules)) throw this.#refuse(height, "target");
    const read = { most: hexToBytes(target.toString(16).padStart(64, "0")), work: workOf(target) };
    this.#targets.set(bits, read);
    return read;
  }

  /** Whether the target is the one that the headers before ask for, as far as they tell. */
  #follows(bits: number, height: number, rules: HeaderRules): boolean {
    if (!rules.retargets) return true;
    if (!beginsPeriod(height)) return bits === this.#bits;
    if (this.#periodStart === undefined) return true;
    return bits === nextTarget(this.#bits, this.#time - this.#periodStart, limitOf(rules));
  }

  #refuse(height: number, problem: HeaderProblem): InvalidHeadersError {
    return new InvalidHeadersError(this.network, height, problem);
  }
}

function endOf({ start, bytes }: BlockHeaders): number {
  return start + bytes.length / HEADER_BYTES;
}

/** A view. */
function headerAt({ start, bytes }: BlockHeaders, height: number): Uint8Array {
  const at = (height - start) * HEADER_BYTES;
  return bytes.subarray(at, at + HEADER_BYTES);
}

function limitOf({ limit }: HeaderRules): bigint {
  return decodeTarget(limit) as bigint;
}

function assertRules(rules: HeaderRules, network: string): void {
  const name = `rules of ${network}`;
  if (typeof rules !== "object" || rules === null) throw new TypeError(`${name} must be an object`);
  assertKnownOptions(rules, ["limit", "genesis", "retargets"], name);
  assertBytes(rules.genesis, `genesis in ${name}`, 32);
  if (typeof rules.retargets !== "boolean") throw new TypeError(`retargets in ${name} must be true or false`);
  if (typeof rules.limit !== "number") throw new TypeError(`limit in ${name} must be a number`);
  const target = rules.limit >>> 0 === rules.limit ? decodeTarget(rules.limit) : undefined;
  if (target === undefined || target >= 2n ** 256n) {
    throw new RangeError(`limit in ${name} must be the compact form of a target`);
  }
}
