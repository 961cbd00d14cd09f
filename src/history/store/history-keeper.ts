import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '#text/message-of.ts';
import { HistoryFile, HistoryFileError } from './history-file.ts';
import type { HistoryReply, HistoryRequest } from './history-messages.ts';

const fileName = 'history.db';

/**
 * Answers requests from the file of the history, and repairs it: a file that was removed or replaced is opened again, a
 * damaged one is moved aside and a new one is created, and after a failure each attempt to write opens it again.
 */
export class HistoryKeeper {
  private path = '';
  private file: HistoryFile | undefined;
  /** It has failed to accept rows; a file that stays open may remain read-only forever. */
  private hasFailed = false;
  /** Repairs that have not been reported yet. */
  private notes: string[] = [];

  /** Blocks until it is done. */
  handle(request: HistoryRequest): HistoryReply {
    try {
      return this.answer(request);
    } catch (error) {
      return { kind: 'failed', text: messageOf(error) };
    }
  }

  private answer(request: HistoryRequest): HistoryReply {
    switch (request.kind) {
      case 'open': {
        this.path = join(request.directory, fileName);
        const lastId = this.withFile((file) => file.lastId);
        return { kind: 'opened', ...(lastId !== undefined && { lastId }) };
      }
      case 'store':
        return this.store(request);
      case 'find': {
        const { query, limit, before } = request;
        return { kind: 'found', ...this.withFile((file) => file.find(query, limit, before)) };
      }
      case 'after': {
        const found = this.withFile((file) => file.after(request.id, request.limit));
        return found === undefined ? { kind: 'unknown' } : { kind: 'found', ...found };
      }
      case 'close':
        this.close();
        return { kind: 'closed' };
      default:
        return request satisfies never;
    }
  }

  private store({ rows, limits, nowMs }: Extract<HistoryRequest, { kind: 'store' }>): HistoryReply {
    if (this.hasFailed) this.openAgain();
    this.hasFailed = true;
    const sizeBytes = this.withFile((file) => {
      file.add(rows);
      file.trim(limits, nowMs);
      return file.sizeBytes;
    });
    this.hasFailed = false;
    const note = this.notes.join('; ');
    this.notes = [];
    return { kind: 'stored', sizeBytes, ...(note !== '' && { note }) };
  }

  /** Works on the file that is there now, and once more on a new one if it turns out to be damaged. */
  private withFile<Result>(work: (file: HistoryFile) => Result): Result {
    try {
      return work(this.present());
    } catch (error) {
      if (!(error instanceof HistoryFileError) || error.kind !== 'damaged') throw error;
      this.moveAside(error.message);
      return work(this.present());
    }
  }

  private present(): HistoryFile {
    if (this.file?.isReplaced === true) {
      const was = existsSync(this.path) ? 'replaced' : 'removed';
      this.notes.push(`${this.path} was ${was} and has been opened again`);
      this.close();
    }
    return (this.file ??= HistoryFile.open(this.path));
  }

  /** As long as a new one cannot be opened, the old one can still be read. */
  private openAgain(): void {
    const next = HistoryFile.open(this.path);
    this.close();
    this.file = next;
  }

  private moveAside(why: string): void {
    this.close();
    const aside = `${this.path}.damaged`;
    for (const log of ['-wal', '-shm']) rmSync(this.path + log, { force: true });
    renameSync(this.path, aside);
    this.notes.push(`${why}; it has been moved to ${aside} and a new history begun`);
  }

  private close(): void {
    const { file } = this;
    this.file = undefined;
    try {
      file?.close();
    } catch {
      // A disk that is gone fails here too; the request before has already reported that.
    }
  }
}
