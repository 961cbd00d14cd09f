import { chownSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders } from '#os/folders.ts';
import { messageOf } from '#text/message-of.ts';

/** What the daemon remembers over a restart. */
export interface RememberedState {
  /** Peers that were Established when it was last written. */
  readonly established: readonly string[];
}

/**
 * A small file in `state_dir`, replaced whole by a rename, so that a reader never sees half of it. A
 * disk that is full or gone costs only the memory: the first failure is told, the daemon goes on.
 */
export class StateFile {
  private readonly directory: string;
  private readonly onFailure: (text: string) => void;
  private written = '';
  private hasFailed = false;

  constructor(directory: string, onFailure: (text: string) => void) {
    this.directory = directory;
    this.onFailure = onFailure;
  }

  /** `undefined` when there is none, or when it cannot be read. */
  read(): RememberedState | undefined {
    try {
      const value: unknown = JSON.parse(readFileSync(this.path, 'utf8'));
      return isState(value) ? value : undefined;
    } catch {
      // The first start, or a file cut short by a crash: both mean that nothing is remembered.
      return undefined;
    }
  }

  /** Does nothing when nothing has changed. */
  write(state: RememberedState): void {
    const text = JSON.stringify(state);
    if (text === this.written) return;
    try {
      makeFolders(this.directory);
      writeFileSync(`${this.path}.new`, `${text}\n`);
      renameSync(`${this.path}.new`, this.path);
      this.written = text;
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed) this.onFailure(`${this.path}: ${messageOf(error)}`);
      this.hasFailed = true;
    }
  }

  private get path(): string {
    return join(this.directory, 'state.json');
  }
}

/** The directory cannot be made; the message says which, and why. */
export class StateDirError extends Error {}

/**
 * Makes the directory if it is not there yet; what is made is the owner's. Throws a `StateDirError`.
 */
export function makeStateDir(
  directory: string,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): void {
  try {
    if (makeFolders(directory)) chownSync(directory, uid, gid);
  } catch (error) {
    throw new StateDirError(`state_dir: ${messageOf(error)}`, { cause: error });
  }
}

function isState(value: unknown): value is RememberedState {
  return (
    typeof value === 'object' &&
    value !== null &&
    'established' in value &&
    Array.isArray(value.established) &&
    value.established.every((name) => typeof name === 'string')
  );
}
