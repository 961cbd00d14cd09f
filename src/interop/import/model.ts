import type { RuleSource } from './rules.ts';

/** What was not carried over, and where it stands; `line` is 1-based. */
export interface Note {
  readonly line: number;
  readonly text: string;
}

/** A peer by the keys of our configuration, but for its name. */
export interface ImportedPeer {
  readonly name: string;
  /** The template or peer group that it was made from. */
  readonly group?: string;
  readonly keys: Readonly<Record<string, unknown>>;
}

/** A route server as its configuration describes it. */
export interface Imported {
  readonly routerId?: string;
  readonly localAs?: number;
  readonly listen: readonly string[];
  readonly decision: Readonly<Record<string, string>>;
  readonly policies: ReadonlyMap<string, readonly RuleSource[]>;
  readonly peers: readonly ImportedPeer[];
  readonly ranges: readonly ImportedPeer[];
  readonly notes: readonly Note[];
}

/** The text is none of the language; the message begins with the line. */
export class ImportError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** A name that ours may have. */
export function nameFor(text: string): string {
  const plain = text.replaceAll(/[^A-Za-z0-9_.-]/g, '_');
  return /^[A-Za-z_]/.test(plain) ? plain.slice(0, 60) : `_${plain.slice(0, 60)}`;
}

/** What becomes of a limit of prefixes that is for one family: ours is the same for each. */
export interface Limit {
  readonly limit: number;
  readonly action: string;
  readonly restart_after?: string;
}

/** Of the smaller of two limits that differ. */
export function otherLimit({ limit }: Limit, kept: Limit): string {
  return `left out: the limit ${limit} of one family, since the other one has ${kept.limit} and a peer has one limit for each family; the larger is kept`;
}
