import { readFileSync, writeFileSync } from 'node:fs';

/** A message seen on the wire and what it says. */
export interface Vector {
  readonly name: string;
  /** The software that sent it, or the RFC that it is made from. */
  readonly from: string;
  /** 4 when absent. */
  readonly asnBytes?: 2 | 4;
  /** By `Family`: with path identifiers; none when absent. */
  readonly addPath?: readonly boolean[];
  readonly extendedNextHopIpv4?: boolean;
  /** Whole message, header included. */
  readonly hex: string;
  /** The message in words; rewritten under UPDATE_GOLDEN=1, and reviewed as code. */
  readonly json: unknown;
}

const files = ['captured.json', 'written.json'] as const;

/** Every vector of this folder, by file. */
export function readVectors(): Map<string, Vector[]> {
  return new Map(files.map((file) => [file, parse(file)]));
}

export function writeVectors(file: string, vectors: readonly Vector[]): void {
  writeFileSync(new URL(file, import.meta.url), `${JSON.stringify(vectors, undefined, 2)}\n`);
}

function parse(file: string): Vector[] {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as Vector[];
}
