import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { partSuffix } from './dump-file.ts';
import type { DumpStream } from './dump-messages.ts';

/** A file of ours in a directory of dumps. */
export interface StoredDump {
  /** Without the suffix of a file that is being written. */
  readonly path: string;
  readonly isPart: boolean;
  /** Unix ms, from its name. */
  readonly startMs: number;
  readonly sizeBytes: number;
}

/**
 * `updates.20261129.0645.mrt.gz`, for example: the time (UTC) is that of the first record, with seconds if necessary.
 */
const dumpName = /^(updates|rib)\.(\d{4})(\d\d)(\d\d)\.(\d\d)(\d\d)(\d\d)?\.mrt(?:\.gz)?$/;

/**
 * Returns the dumps of the stream, in no particular order. Files with other names are not ours. Throws as node:fs does.
 */
export function storedDumps(stream: DumpStream, directory: string): StoredDump[] {
  return readdirSync(directory).flatMap((name) => {
    const isPart = name.endsWith(partSuffix);
    const final = isPart ? name.slice(0, -partSuffix.length) : name;
    const [, ofStream, ...digits] = dumpName.exec(final) ?? [];
    if (ofStream !== stream) return [];
    const sizeBytes = statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0;
    return [{ path: join(directory, final), isPart, startMs: timeOf(digits), sizeBytes }];
  });
}

function timeOf(digits: readonly (string | undefined)[]): number {
  const [year, month, day, hour, minute, second] = digits.map((text) => Number(text ?? 0));
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
