import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { timestamp } from '#clock.ts';
import type { DumpPlace, DumpStream } from './dump-messages.ts';

/** The suffix of a file that is being written. */
export const partSuffix = '.part';

/**
 * A file that is being written. What `write` has accepted is in the file when it returns, so that a killed process
 * loses none of it: if the file is compressed, each piece is a gzip member of its own (RFC 1952 §2.2).
 */
export class DumpFile {
  readonly startMs: number;
  private readonly path: string;
  private readonly isCompressed: boolean;
  private readonly handle: number;

  /** `startMs`: Unix ms. Throws as node:fs does. */
  constructor(
    stream: DumpStream,
    { directory, compress }: DumpPlace,
    startMs: number,
    nowMs: number,
  ) {
    this.startMs = startMs;
    this.isCompressed = compress === 'gzip';
    const ending = `.mrt${this.isCompressed ? '.gz' : ''}`;
    // A file of the same minute was written by an earlier process, or before the clock was set back.
    const short = join(directory, `${stream}.${digits(startMs, 12)}${ending}`);
    this.path = existsSync(short)
      ? join(directory, `${stream}.${digits(nowMs, 14)}${ending}`)
      : short;
    this.handle = openSync(this.path + partSuffix, 'a', 0o640);
  }

  get isThere(): boolean {
    return existsSync(this.path + partSuffix);
  }

  /** Throws as node:fs does; part of the piece may then be in the file. */
  write(bytes: Uint8Array): void {
    const piece = this.isCompressed ? gzipSync(bytes, { level: 6 }) : bytes;
    for (let at = 0; at < piece.length;) at += writeSync(this.handle, piece, at);
  }

  /** Gives the file its final name. Throws as node:fs does. */
  end(): void {
    closeSync(this.handle);
    renameSync(this.path + partSuffix, this.path);
  }

  /** Removes the file. */
  discard(): void {
    closeSync(this.handle);
    rmSync(this.path + partSuffix, { force: true });
  }
}

/** Returns `20261129.0645`, or the same with seconds, in UTC. */
function digits(wallMs: number, length: 12 | 14): string {
  const all = timestamp(wallMs).replaceAll(/\D/g, '').slice(0, length);
  return `${all.slice(0, 8)}.${all.slice(8)}`;
}
