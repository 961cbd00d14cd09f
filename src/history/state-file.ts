import { chownSync } from 'node:fs';
import { makeFolders } from '#os/folders.ts';
import { messageOf } from '#text/message-of.ts';
import { DurableFile } from './durable-file.ts';

/** What the daemon remembers over a restart. */
export interface RememberedState {
  /** Peers that were Established when it was last written. */
  readonly established: readonly string[];
}

export type ReadState =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'state'; readonly state: RememberedState }
  /** It is there, and what it says is lost. */
  | { readonly kind: 'unreadable'; readonly text: string };

/**
 * Who was up, in `state_dir`. It waits for the disk only where it is told to, at the end of the process: while
 * sessions come and go routers do not wait for a disk. One that is full or gone costs only the memory: the first
 * failure is told, the daemon goes on.
 */
export class StateFile {
  private readonly file: DurableFile;
  private readonly onFailure: (text: string) => void;
  private written = '';
  private isSynced = false;
  private hasFailed = false;

  constructor(directory: string, onFailure: (text: string) => void) {
    this.file = new DurableFile(directory, 'state.json');
    this.onFailure = onFailure;
  }

  /** `unreadable` too where it is not what `write` writes. */
  read(): ReadState {
    const read = this.file.read();
    if (read.kind !== 'value') return read;
    const { value } = read;
    if (isState(value)) return { kind: 'state', state: value };
    return { kind: 'unreadable', text: `${this.file.path}: not a list of peers` };
  }

  /** Does nothing when nothing has changed; `isLast`: it is on the disk when this returns. */
  write(state: RememberedState, isLast = false): void {
    const text = JSON.stringify(state);
    if (text === this.written && (this.isSynced || !isLast)) return;
    try {
      this.file.write(state, isLast);
      this.written = text;
      this.isSynced = isLast;
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed) this.onFailure(messageOf(error));
      this.hasFailed = true;
    }
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
