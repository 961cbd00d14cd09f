import type { EventView } from '#api/events/event-view.ts';
import type { Cancel, Clock } from '#clock.ts';
import type { HistoryReply, HistoryRequest } from '#history/store/history-messages.ts';
import type { HistoryLimits, HistoryQuery, HistoryRow } from '#history/store/history-rows.ts';
import { AgeClock } from '../age-clock.ts';
import type { EventBus } from '../event-bus.ts';
import { endWithinMs } from '../kept-thread.ts';
import { within } from '../within.ts';
import { HistoryRequests, type StartHistoryThread } from './history-requests.ts';
import { isReserved, type Recorder } from './recorder.ts';

/** What has happened is written to disk after this time, this many events at once. */
const writeAfterMs = 200;
const rowsAtOnce = 500;
/** A history that cannot be written is tried again after this time. */
const retryAfterMs = 5_000;
/** How many events may wait for the disk; beyond that the oldest are dropped in batches. */
const mostWaiting = 10_000;
const droppedAtOnce = 1_000;
/** How often events that are too old are removed, even if nothing happens. */
const trimEveryMs = 60_000;
const lookEveryMs = 1_000;

/** Events from the history. */
export interface KeptEvents {
  readonly events: readonly EventView[];
  readonly isMore: boolean;
}

export interface KeptHistoryParts {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly recorder: Recorder;
  readonly directory: string;
  readonly limits: () => HistoryLimits;
  /** A stand-in in tests. */
  readonly startThread?: StartHistoryThread;
}

/** For the metrics. */
export interface HistoryState {
  readonly isWritten: boolean;
  readonly sizeBytes: number;
  /** Events that were never written. */
  readonly dropped: number;
}

/**
 * Has a thread store what is recorded in a file of `state_dir`. The daemon never waits for it: events wait for the disk
 * in a bounded queue, and a file that cannot be written costs nothing but the history.
 */
export class KeptHistory {
  private readonly parts: KeptHistoryParts;
  private readonly requests: HistoryRequests;
  private readonly ageClock: AgeClock;
  private waiting: EventView[] = [];
  private isOpen = false;
  private isBusy = false;
  /** Why nothing can be written; this has been reported. */
  private trouble: string | undefined;
  private sizeBytes = 0;
  private dropped = 0;
  /** How many of `dropped` have been reported. */
  private droppedTold = 0;
  private writtenMs = -Infinity;
  private cancelWork: Cancel | undefined;
  private cancelLook: Cancel | undefined;

  constructor(parts: KeptHistoryParts) {
    this.parts = parts;
    this.ageClock = new AgeClock(parts.clock);
    this.requests = new HistoryRequests(parts, {
      lost: (why) => {
        this.isOpen = false;
        this.trouble ??= why;
      },
      again: () => this.work(),
    });
    parts.recorder.follow((event) => this.keep(event));
  }

  /** What was recorded before is now written, too. */
  start(): void {
    const { clock, recorder } = this.parts;
    this.work();
    this.cancelLook = clock.every(lookEveryMs, () => {
      recorder.endMinute();
      const isDue = clock.monotonic() - this.writtenMs >= trimEveryMs;
      if (isDue && this.isOpen && this.trouble === undefined) this.work();
    });
  }

  /** Resolves when everything that was recorded is written, or after the disk has had four seconds for that. */
  async stop(): Promise<void> {
    if (this.cancelLook === undefined) return;
    this.cancelLook();
    this.cancelWork?.();
    this.isBusy = true;
    if (this.trouble === undefined) {
      await within(this.parts.clock, endWithinMs, this.writeAll());
    }
    this.requests.end();
  }

  get state(): HistoryState {
    const { trouble, sizeBytes, dropped } = this;
    return { isWritten: trouble === undefined, sizeBytes, dropped };
  }

  /** Why events are kept in memory only; `undefined` while they are written. */
  get failure(): string | undefined {
    return this.trouble;
  }

  /** Why the history cannot be written or read. */
  get whyNot(): string {
    return this.trouble ?? 'the history does not answer';
  }

  /** Events before the id, newest first. */
  async find(query: HistoryQuery, limit: number, before: string): Promise<KeptEvents | undefined> {
    const reply = await this.requests.answer({
      kind: 'find',
      query,
      limit,
      before: parseInt(before, 36),
    });
    return reply.kind === 'found' ? eventsOf(reply) : undefined;
  }

  /**
   * Returns events after the id, oldest first; `undefined` if there is no history or some of them may have been
   * removed.
   */
  async after(id: string, limit: number): Promise<KeptEvents | undefined> {
    const reply = await this.requests.answer({ kind: 'after', id: parseInt(id, 36), limit });
    return reply.kind === 'found' ? eventsOf(reply) : undefined;
  }

  private keep(event: EventView): void {
    this.waiting.push(event);
    if (this.waiting.length > mostWaiting) this.makeSpace();
    if (this.isOpen && this.trouble === undefined) this.workAfter(writeAfterMs);
  }

  /** Drops the oldest events; reserved ones last. */
  private makeSpace(): void {
    const ordinary = this.waiting.filter((event) => !isReserved(event));
    const from = ordinary.length > 0 ? ordinary : this.waiting;
    const doomed = new Set(from.slice(0, droppedAtOnce));
    this.waiting = this.waiting.filter((event) => !doomed.has(event));
    const isFirst = this.dropped === this.droppedTold;
    this.dropped += doomed.size;
    if (isFirst && this.trouble === undefined) {
      this.warn('the disk is too slow, and the oldest events that wait for it are dropped');
    }
  }

  private workAfter(ms: number): void {
    if (this.cancelWork !== undefined || this.isBusy) return;
    this.cancelWork = this.parts.clock.after(ms, () => {
      this.cancelWork = undefined;
      this.work();
    });
  }

  /** Does one thing at a time: opens the file, or writes what is waiting. */
  private work(): void {
    if (this.isBusy) return;
    this.isBusy = true;
    if (this.isOpen) this.write();
    else this.open();
  }

  private open(): void {
    this.requests.ask({ kind: 'open', directory: this.parts.directory }, (reply) => {
      this.isBusy = false;
      if (reply.kind !== 'opened') return this.failed(reply);
      this.isOpen = true;
      if (reply.lastId !== undefined) this.continueAfter(reply.lastId.toString(36));
      this.work();
    });
  }

  private continueAfter(id: string): void {
    const renumbered = this.parts.recorder.continueAfter(id);
    this.waiting = this.waiting.map((event) => renumbered.get(event) ?? event);
  }

  private write(): void {
    const events = this.waiting.splice(0, rowsAtOnce);
    this.requests.ask(this.storing(events), (reply) => {
      this.isBusy = false;
      if (reply.kind !== 'stored') {
        this.waiting.unshift(...events);
        return this.failed(reply);
      }
      this.written(reply);
      if (this.waiting.length >= rowsAtOnce) this.work();
      else if (this.waiting.length > 0) this.workAfter(writeAfterMs);
    });
  }

  private storing(events: readonly EventView[]): HistoryRequest {
    const { parts, ageClock } = this;
    const nowMs = ageClock.now();
    return {
      kind: 'store',
      rows: events.map(rowOf),
      limits: parts.limits(),
      ...(nowMs !== undefined && { nowMs }),
    };
  }

  private written({ sizeBytes, note }: Extract<HistoryReply, { kind: 'stored' }>): void {
    this.sizeBytes = sizeBytes;
    this.writtenMs = this.parts.clock.monotonic();
    if (note !== undefined) this.warn(note);
    if (this.trouble !== undefined) {
      this.trouble = undefined;
      this.warn('events are written to disk again');
    }
    const lost = this.dropped - this.droppedTold;
    if (lost === 0 || this.waiting.length > rowsAtOnce) return;
    this.droppedTold = this.dropped;
    this.warn(`${lost} events were not kept, because the disk did not take them in time`);
  }

  /** Reports the failure once, until writing works again. */
  private failed(reply: HistoryReply): void {
    const text = reply.kind === 'failed' ? reply.text : 'the history does not answer';
    if (this.trouble === undefined) {
      this.warn(`${text}; until it can be written, events are kept in memory only`);
    }
    this.trouble = text;
    this.workAfter(retryAfterMs);
  }

  private async writeAll(): Promise<void> {
    for (;;) {
      const events = this.waiting.splice(0, rowsAtOnce);
      if (events.length === 0) break;
      await this.requests.reply(this.storing(events));
    }
    await this.requests.reply({ kind: 'close' });
  }

  private warn(text: string): void {
    this.parts.events.emit({ event: 'warning', text: `history: ${text}` });
  }
}

function rowOf(event: EventView): HistoryRow {
  const { id, at, kind, peer, prefix, service, failover, summary } = event;
  const isOfFailover = failover !== undefined || summary !== undefined;
  return {
    id: parseInt(id, 36),
    at: Date.parse(at),
    kind,
    ...(peer !== undefined && { peer }),
    ...(prefix !== undefined && { prefix }),
    ...(service !== undefined && { service }),
    ...(isOfFailover && { isSummary: summary !== undefined }),
    isReserved: isReserved(event),
    text: JSON.stringify(event),
  };
}

function eventsOf({ texts, isMore }: Extract<HistoryReply, { kind: 'found' }>): KeptEvents {
  return { events: texts.map((text): EventView => JSON.parse(text)), isMore };
}
