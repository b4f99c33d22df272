import { CloudBackupError } from "../errors.ts";

/**
 * What can be wrong with one share. `word-count`: a number of words that no share has. `numbering`: numbers stand beside the
 * words, but not 1 to the last, one before each word. `unknown-word`: a word that is not in the list. `checksum`: all words
 * are known, but not together. `padding`: bits are set before the value. `group-threshold`: more groups are needed than there are.
 */
export type ShareProblem = "word-count" | "numbering" | "unknown-word" | "checksum" | "padding" | "group-threshold";

/**
 * Why shares were refused: a problem of one of them; it is of another set, was entered before, or says otherwise than
 * another that has its place; there are not enough; they do not give what was split (`digest`); or the passphrase has
 * characters that SLIP-39 does not know.
 */
export type ShareRefusal =
  | ShareProblem
  | "another-set"
  | "duplicate"
  | "conflict"
  | "not-enough"
  | "digest"
  | "passphrase";

/** What all shares of a set, or of one of its groups (`memberThreshold`), have alike. */
export type SharedParameter =
  | "identifier"
  | "extendable"
  | "iterationExponent"
  | "groupThreshold"
  | "groupCount"
  | "secretBytes"
  | "memberThreshold";

/** How far a set of shares has come. Groups and members count from 1. */
export interface ShareProgress {
  /** Whether the secret can be had: enough groups are complete. */
  isComplete: boolean;
  /** How many groups must be complete; undefined before the first share. */
  groupThreshold: number | undefined;
  /** How many groups there are; undefined before the first share. */
  groupCount: number | undefined;
  /** How many groups are complete. */
  completeGroups: number;
  /** The groups of which there is a share, in their order; what others need is not known before. */
  groups: GroupProgress[];
}

/** How far one group has come. */
export interface GroupProgress {
  /** Its number, from 1. */
  group: number;
  /** Numbers of the members whose shares are there, from 1, in their order. */
  members: number[];
  /** How many members it needs. */
  memberThreshold: number;
  /** How many more shares it needs; 0 when it is complete. */
  missing: number;
}

/** Shares of SLIP-39 that give no secret. It never says a word of them. */
export class InvalidShareError extends CloudBackupError {
  /** Stable, for programs; the message is for people. */
  readonly reason: ShareRefusal;
  /** Which word is wrong, from 1; undefined where it is not one alone. */
  readonly position: number | undefined;
  /** Which of the shares that `combineShares` was given, from 1; undefined where it is not one alone. */
  share: number | undefined = undefined;

  constructor(
    reason: ShareRefusal,
    message: string,
    options: { code?: string | undefined; position?: number | undefined } = {},
  ) {
    super(options.code ?? "ERR_CB_INVALID_SHARE", message);
    this.reason = reason;
    this.position = options.position;
  }
}

/** A good share, of another set than those before it: of another secret, or of another splitting of this one. */
export class ShareOfAnotherSetError extends InvalidShareError {
  /** The first parameter in which it differs. */
  readonly differs: SharedParameter;

  constructor(differs: SharedParameter) {
    super("another-set", `This share is of another set than those before it: it has another ${NAMES[differs]}`, {
      code: "ERR_CB_SHARE_OF_ANOTHER_SET",
    });
    this.differs = differs;
  }
}

/** More shares of the set are needed. `progress` says of which groups. */
export class NotEnoughSharesError extends InvalidShareError {
  /** What is there. */
  readonly progress: ShareProgress;

  constructor(progress: ShareProgress) {
    super("not-enough", `There are not enough shares: ${summary(progress)}`, { code: "ERR_CB_NOT_ENOUGH_SHARES" });
    this.progress = progress;
  }
}

const NAMES: Record<SharedParameter, string> = {
  identifier: "identifier",
  extendable: "extendable backup flag",
  iterationExponent: "iteration exponent",
  groupThreshold: "group threshold",
  groupCount: "number of groups",
  secretBytes: "length of its secret",
  memberThreshold: "threshold of its group",
};

function summary({ groups, groupCount, groupThreshold, completeGroups }: ShareProgress): string {
  if (groupCount === undefined) return "there is none";
  const states = groups.map(({ group, members, memberThreshold }) => {
    const have = `${members.length} of ${memberThreshold}`;
    return groupCount === 1 ? have : `${have} in group ${group}`;
  });
  if (groupCount === 1) return states.join();
  return `${states.join(", ")}; ${completeGroups} of ${groupThreshold} groups complete`;
}
