import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { MrtError, RecordCutter } from '#mrt/record-reader.ts';
import { codeOf } from '#text/code-of.ts';
import { fileFailure } from '#text/file-failure.ts';
import { messageOf } from '#text/message-of.ts';
import type { Replay } from './replay.ts';

/** No file is decompressed beyond this size: a small file could otherwise keep the reader busy for days. */
const maxFileBytes = 16 * 2 ** 30;

/** A file that cannot be replayed; the message begins with its path. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';
}

/**
 * Replays a file, which may be compressed with gzip. Returns whether its end is missing. Rejects with a ReplayError.
 */
export async function replayFile(replay: Replay, path: string): Promise<{ isCutOff: boolean }> {
  const cutter = new RecordCutter();
  let bytes = 0;
  try {
    for await (const piece of piecesOf(path)) {
      bytes += piece.length;
      if (bytes > maxFileBytes) throw new MrtError('it has more than 16 GiB; split it');
      for (const record of cutter.add(piece)) {
        if (!replay.play(record)) return { isCutOff: false };
      }
    }
  } catch (error) {
    // A process that was killed leaves a file without an end.
    if (codeOf(error) === 'Z_BUF_ERROR') return { isCutOff: true };
    if (isOfSystem(error)) throw new ReplayError(`${path} cannot be read: ${fileFailure(error)}`);
    throw new ReplayError(`${path}: ${messageOf(error)}`);
  }
  return { isCutOff: cutter.restBytes > 0 };
}

/** An error of zlib has a code, too, but no call that failed. */
function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function piecesOf(path: string): AsyncIterable<Uint8Array> {
  const start = firstOctets(path);
  if (start[0] === 0x42 && start[1] === 0x5a)
    throw new MrtError('bzip2 is not supported; run bunzip2 first');
  const file = createReadStream(path);
  if (start[0] === 0x1f && start[1] === 0x8b) {
    const inflated = createGunzip();
    file.on('error', (error) => inflated.destroy(error));
    return file.pipe(inflated);
  }
  return file;
}

function firstOctets(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const start = new Uint8Array(2);
    readSync(file, start);
    return start;
  } finally {
    closeSync(file);
  }
}
