import { chownSync } from 'node:fs';
import { makeFolders } from '#os/folders.ts';
import { messageOf } from '#text/message-of.ts';
import { DurableFile } from './durable-file.ts';

/** What the daemon remembers across a restart. */
export interface RememberedState {
  /** The peers that were Established when this was last written. */
  readonly established: readonly string[];
}

export type ReadState =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'state'; readonly state: RememberedState }
  /** The file exists, but its content is lost. */
  | { readonly kind: 'unreadable'; readonly text: string };

/**
 * Which peers were up, in `state_dir`. It waits for the disk only when asked to, at the end of the process, so that
 * routers never wait for a disk while sessions come and go. A disk that is full or gone costs only this memory: the
 * first failure is reported and the daemon continues.
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

  /** Also returns `unreadable` if the content is not what `write` writes. */
  read(): ReadState {
    const read = this.file.read();
    if (read.kind !== 'value') return read;
    const { value } = read;
    if (isState(value)) return { kind: 'state', state: value };
    return { kind: 'unreadable', text: `${this.file.path}: not a list of peers` };
  }

  /** Does nothing if nothing has changed. With `isLast`, the state is on disk when this returns. */
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

/** The directory cannot be created; the message says which one, and why. */
export class StateDirError extends Error {}

/** Creates the directory if it does not exist, for the given owner. Throws a `StateDirError`. */
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
