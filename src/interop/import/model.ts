import type { RuleSource } from './drafts.ts';

/** A part that was not imported, and its place; `line` is 1-based. */
export interface Note {
  readonly line: number;
  readonly text: string;
  /** It rejects routes, or may: without it the configuration accepts or sends more than the original. */
  readonly isLoose?: boolean;
}

/** A peer as keys of our configuration, except its name. */
export interface ImportedPeer {
  readonly name: string;
  /** The template or peer group from which it was made. */
  readonly group?: string;
  readonly keys: Readonly<Record<string, unknown>>;
}

/** An RTR cache as keys of our configuration. */
export interface ImportedCache {
  readonly name?: string;
  readonly address: string;
  readonly preference?: number;
}

/** The key `rpki` of our configuration. */
export interface ImportedRpki {
  readonly caches: readonly ImportedCache[];
  readonly refresh?: string;
  readonly retry?: string;
  readonly expire?: string;
}

/** A route server as its configuration describes it. */
export interface Imported {
  readonly routerId?: string;
  readonly localAs?: number;
  readonly listen: readonly string[];
  readonly decision: Readonly<Record<string, string>>;
  readonly rpki?: ImportedRpki;
  readonly policies: ReadonlyMap<string, readonly RuleSource[]>;
  readonly peers: readonly ImportedPeer[];
  readonly ranges: readonly ImportedPeer[];
  readonly notes: readonly Note[];
}

/** The text is not in the expected language; the message begins with the line. */
export class ImportError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Returns a name that our configuration accepts. */
export function nameFor(text: string): string {
  const plain = text.replaceAll(/[^A-Za-z0-9_.-]/g, '_');
  return /^[A-Za-z_]/.test(plain) ? plain.slice(0, 60) : `_${plain.slice(0, 60)}`;
}

/** A limit of prefixes. Other daemons have one for each family; ours is the same for every family. */
export interface Limit {
  readonly limit: number;
  readonly action: string;
  readonly restart_after?: string;
}

/** Returns the note about the smaller of two limits that differ. */
export function otherLimit({ limit }: Limit, kept: Limit): string {
  return `left out: the limit ${limit} of one family: max_prefix is the same for every family, and the larger limit, ${kept.limit}, is kept`;
}
