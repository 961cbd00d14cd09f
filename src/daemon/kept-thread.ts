import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Cancel, Clock } from '#clock.ts';
import { messageOf } from '#text/message-of.ts';
import type { EventBus } from './event-bus.ts';

/** A thread that has failed is started again after this time. */
const restartAfterMs = 5_000;

/**
 * What a thread still has to write delays the end of the daemon by at most this time, since a disk may hang. A busy
 * machine may give the thread no processor for some seconds.
 */
export const endWithinMs = 4_000;

/** A running thread; a stand-in in tests. */
export interface Thread<Request> {
  post(request: Request): void;
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<unknown>;
  /** Ends it at once. */
  terminate(): void;
}

export interface ThreadHandlers<Report> {
  report(report: Report): void;
  failed(error: unknown): void;
}

export type StartThread<Request, Report> = (handlers: ThreadHandlers<Report>) => Thread<Request>;

export interface ThreadOwner<Request, Report> extends Pick<ThreadHandlers<Report>, 'report'> {
  /** As the subject of a sentence: `the thread of BFD`. */
  readonly name: string;
  /** What applies while the thread does not exist, for people. */
  readonly meanwhile: string;
  readonly start: StartThread<Request, Report>;
  /** It has failed, and what it has reported no longer counts. */
  lost?(): void;
  /** A new thread may be started, which has received no requests: everything that has to be done must be posted. */
  again(): void;
}

interface ThreadParts {
  readonly clock: Pick<Clock, 'after'>;
  readonly events: Pick<EventBus, 'emit'>;
}

/**
 * A thread that exists while its owner has something for it to do: the first request starts it. A thread that fails
 * takes nothing else with it: the failure is reported, and five seconds later the owner may post again.
 */
export class KeptThread<Request, Report> {
  private readonly parts: ThreadParts;
  private readonly owner: ThreadOwner<Request, Report>;
  private thread: Thread<Request> | undefined;
  private cancelRestart: Cancel | undefined;

  constructor(parts: ThreadParts, owner: ThreadOwner<Request, Report>) {
    this.parts = parts;
    this.owner = owner;
  }

  /** Does nothing while the thread waits to be started again. */
  post(request: Request): void {
    if (this.cancelRestart !== undefined) return;
    this.thread ??= this.owner.start({
      report: (report) => this.owner.report(report),
      failed: (error) => this.failed(error),
    });
    this.thread.post(request);
  }

  /** Ends it, at once or, with a last request, when that has made it end. */
  async end(last?: Request): Promise<void> {
    this.cancelRestart?.();
    this.cancelRestart = undefined;
    const { thread } = this;
    this.thread = undefined;
    if (thread === undefined) return;
    if (last === undefined) return thread.terminate();
    thread.post(last);
    await thread.ended;
  }

  private failed(error: unknown): void {
    const { clock, events } = this.parts;
    const { name, meanwhile } = this.owner;
    const why = messageOf(error);
    const text = `${name} failed and is being restarted; until then ${meanwhile}: ${why}`;
    events.emit({ event: 'warning', text });
    this.thread = undefined;
    this.owner.lost?.();
    this.cancelRestart = clock.after(restartAfterMs, () => {
      this.cancelRestart = undefined;
      this.owner.again();
    });
  }
}

/**
 * Starts the thread whose program has that name and is beside the module `from`, given as its `import.meta.url`: a
 * module in the sources, or a file of the bundle beside the program.
 */
export function startThreadBeside<Request, Report>(
  from: string,
  name: string,
  handlers: ThreadHandlers<Report>,
): Thread<Request> {
  return startThread(new URL(`./${name}${extname(from)}`, from), handlers);
}

/** Starts the thread whose program is in the file. */
export function startThread<Request, Report>(
  file: URL,
  { report, failed }: ThreadHandlers<Report>,
): Thread<Request> {
  const worker = new Worker(file, { execArgv: [] });
  const ended = new Promise((resolve) => void worker.once('exit', resolve));
  worker.on('message', report);
  worker.on('error', failed);
  return {
    post: (request) => worker.postMessage(request, []),
    ended,
    terminate: () => void worker.terminate(),
  };
}
