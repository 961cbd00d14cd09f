import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '#os/folders.ts';
import { codeOf } from '#text/code-of.ts';
import { messageOf } from '#text/message-of.ts';

export type Remembered =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'value'; readonly value: unknown }
  /** The file exists, but its content is lost. */
  | { readonly kind: 'unreadable'; readonly text: string };

/**
 * A small file in `state_dir` whose loss would matter. It is replaced as a whole by a rename, and is on disk when
 * `write` returns. Its content is not kept in memory.
 */
export class DurableFile {
  readonly path: string;
  private readonly directory: string;
  private readonly mode: number;

  constructor(directory: string, name: string, mode = 0o640) {
    this.directory = directory;
    this.mode = mode;
    this.path = join(directory, name);
  }

  read(): Remembered {
    let text;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return { kind: 'nothing' };
      return { kind: 'unreadable', text: messageOf(error) };
    }
    try {
      return { kind: 'value', value: JSON.parse(text) };
    } catch (error) {
      return { kind: 'unreadable', text: `${this.path}: ${messageOf(error)}` };
    }
  }

  /**
   * Throws an Error whose message names the file; then the file is unchanged. If `isSynced` is false, it does not wait
   * for the disk, and a power failure may lose the change.
   */
  write(value: unknown, isSynced = true): void {
    const text = `${JSON.stringify(value, undefined, 2)}\n`;
    writeDurably(this.directory, this.path, text, this.mode, isSynced);
  }
}

/** Does what `DurableFile.write` does, for any content. */
export function writeDurably(
  directory: string,
  path: string,
  content: string | Uint8Array,
  mode: number,
  isSynced = true,
): void {
  const young = `${path}.new`;
  try {
    makeFolders(directory);
    writeWhole(young, content, mode, isSynced);
    renameSync(young, path);
    if (isSynced) syncFolder(directory);
  } catch (error) {
    removeIfThere(young);
    throw new Error(`${path}: ${messageOf(error)}`, { cause: error });
  }
}

function writeWhole(
  path: string,
  content: string | Uint8Array,
  mode: number,
  isSynced: boolean,
): void {
  const file = openSync(path, 'w', mode);
  try {
    writeFileSync(file, content);
    if (isSynced) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The rename is on disk only when the directory is. */
function syncFolder(directory: string): void {
  const folder = openSync(directory, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The file was never created, or the disk is gone; the first error is the one to report.
  }
}
