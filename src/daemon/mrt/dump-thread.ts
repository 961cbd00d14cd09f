import type { Clock } from '#clock.ts';
import type { DumpReport, DumpRequest, DumpSettings } from '#history/dumps/dump-messages.ts';
import type { EventBus } from '../event-bus.ts';
import { endWithinMs, KeptThread, type StartThread, startThreadBeside } from '../kept-thread.ts';
import { within } from '../within.ts';

/** How many bytes may wait for the disk; what exceeds them is not written. */
const mostWaitingBytes = 64 * 2 ** 20;

export type StartDumpThread = StartThread<DumpRequest, DumpReport>;

export interface DumpThreadParts {
  readonly clock: Pick<Clock, 'after'>;
  readonly events: Pick<EventBus, 'emit'>;
  /** A stand-in in tests. */
  readonly startThread?: StartDumpThread | undefined;
  /** Something that was written is on its way to the disk, or was dropped. */
  readonly taken: () => void;
}

/** The thread that writes dumps, and what waits for it. A failure to write is reported once, and so is its end. */
export class DumpThread {
  private readonly parts: DumpThreadParts;
  private readonly thread: KeptThread<DumpRequest, DumpReport>;
  private settings: DumpSettings | undefined;
  private waitingBytes = 0;
  /** A thread that is ending its files: another one that wrote beside it would take them for its own. */
  private ending: Promise<void> | undefined;
  /** Why something was not written; this has been reported. */
  private trouble: string | undefined;

  constructor(parts: DumpThreadParts) {
    this.parts = parts;
    this.thread = new KeptThread(parts, {
      name: 'the thread that writes MRT dumps',
      meanwhile: 'nothing is dumped',
      start: parts.startThread ?? startDumpThread,
      report: (report) => this.reported(report),
      lost: () => {
        this.waitingBytes = 0;
      },
      again: () => {
        if (this.settings !== undefined) this.configure(this.settings);
        parts.taken();
      },
    });
  }

  /** Returns whether this much more may wait without anything being lost. */
  hasSpaceFor(bytes: number): boolean {
    return this.waitingBytes + bytes <= mostWaitingBytes / 8;
  }

  configure(settings: DumpSettings): void {
    this.settings = settings;
    if (this.ending === undefined) this.thread.post({ kind: 'settings', settings });
  }

  look(times: Omit<Extract<DumpRequest, { kind: 'look' }>, 'kind'>): void {
    if (this.isAtWork) this.thread.post({ kind: 'look', ...times });
  }

  write(request: Omit<Extract<DumpRequest, { kind: 'write' }>, 'kind'>): void {
    if (!this.isAtWork) return;
    const { length } = request.bytes;
    if (this.waitingBytes + length > mostWaitingBytes)
      return this.tell('the disk is too slow for what has to be dumped');
    this.waitingBytes += length;
    this.thread.post({ kind: 'write', ...request });
  }

  /** Resolves when everything is written, or after the disk has had four seconds for that. */
  async end(): Promise<void> {
    if (this.settings === undefined) return;
    this.settings = undefined;
    this.waitingBytes = 0;
    this.ending = this.thread.end({ kind: 'close' }).then(() => {
      this.ending = undefined;
      if (this.settings !== undefined) this.configure(this.settings);
    });
    await within(this.parts.clock, endWithinMs, this.ending);
  }

  private get isAtWork(): boolean {
    return this.settings !== undefined && this.ending === undefined;
  }

  private reported({ takenBytes, trouble }: DumpReport): void {
    this.waitingBytes -= Math.min(takenBytes, this.waitingBytes);
    if (trouble !== undefined) this.tell(trouble);
    else if (takenBytes > 0 && this.trouble !== undefined && this.waitingBytes === 0) this.isWell();
    if (takenBytes > 0) this.parts.taken();
  }

  private tell(trouble: string): void {
    if (this.trouble === trouble) return;
    this.trouble = trouble;
    const text = `MRT dumps cannot be written: ${trouble}; BGP is not affected, and writing is tried again`;
    this.parts.events.emit({ event: 'warning', text });
  }

  private isWell(): void {
    this.trouble = undefined;
    this.parts.events.emit({ event: 'warning', text: 'MRT dumps are written again' });
  }
}

const startDumpThread: StartDumpThread = (handlers) =>
  startThreadBeside(import.meta.url, 'mrt-thread', handlers);
