import type { Clock } from '#clock.ts';
import type {
  HistoryReply,
  HistoryRequest,
  NumberedReply,
  NumberedRequest,
} from '#history/store/history-messages.ts';
import type { EventBus } from '../event-bus.ts';
import { KeptThread, type StartThread, startThreadBeside } from '../kept-thread.ts';

/** A query that the disk does not answer in this time is answered without it. */
const answerWithinMs = 5_000;

const hasEnded = 'the thread of the history has ended';
const isSilent = 'the history does not answer';

export type StartHistoryThread = StartThread<NumberedRequest, NumberedReply>;

interface RequestsParts {
  readonly clock: Clock;
  readonly events: Pick<EventBus, 'emit'>;
  /** A stand-in in tests. */
  readonly startThread?: StartHistoryThread;
}

interface RequestsOwner {
  /** The thread has ended, with everything that it had open. */
  lost(why: string): void;
  /** A new thread may be started. */
  again(): void;
}

/** The requests to the thread that keeps the history, each with its reply. The first request starts the thread. */
export class HistoryRequests {
  private readonly clock: Clock;
  private readonly thread: KeptThread<NumberedRequest, NumberedReply>;
  private readonly pending = new Map<number, (reply: HistoryReply) => void>();
  private number = 0;
  private isLost = false;

  constructor(parts: RequestsParts, owner: RequestsOwner) {
    this.clock = parts.clock;
    this.thread = new KeptThread(parts, {
      name: 'the thread of the history',
      meanwhile: 'events are kept in memory only',
      start: parts.startThread ?? startHistoryThread,
      report: ({ number, ...reply }) => this.settle(number, reply),
      lost: () => {
        this.isLost = true;
        owner.lost(hasEnded);
        this.settleAll();
      },
      again: () => {
        this.isLost = false;
        owner.again();
      },
    });
  }

  /** Calls `then` when the request has been carried out, or cannot be. */
  ask(request: HistoryRequest, then: (reply: HistoryReply) => void): void {
    if (this.isLost) return then({ kind: 'failed', text: hasEnded });
    const number = ++this.number;
    this.pending.set(number, then);
    this.thread.post({ ...request, number });
  }

  /** As `ask`. */
  reply(request: HistoryRequest): Promise<HistoryReply> {
    const { promise, resolve } = Promise.withResolvers<HistoryReply>();
    this.ask(request, resolve);
    return promise;
  }

  /** As `reply`, for a caller that does not wait forever. */
  answer(request: HistoryRequest): Promise<HistoryReply> {
    const { promise: late, resolve } = Promise.withResolvers<HistoryReply>();
    const end = (): void => resolve({ kind: 'failed', text: isSilent });
    const cancel = this.clock.after(answerWithinMs, end);
    return Promise.race([late, this.reply(request)]).finally(cancel);
  }

  /** Ends the thread at once. */
  end(): void {
    void this.thread.end();
    this.isLost = true;
    this.settleAll();
  }

  private settle(number: number, reply: HistoryReply): void {
    const then = this.pending.get(number);
    this.pending.delete(number);
    then?.(reply);
  }

  private settleAll(): void {
    for (const number of this.pending.keys()) {
      this.settle(number, { kind: 'failed', text: hasEnded });
    }
  }
}

const startHistoryThread: StartHistoryThread = (handlers) =>
  startThreadBeside(import.meta.url, 'history-thread', handlers);
