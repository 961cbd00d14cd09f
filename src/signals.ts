/**
 * Decides what each signal does from the first moment on. This module has to be imported before everything that takes
 * time to load: a SIGHUP that arrives before its handler exists would end the process, and SIGUSR1 makes Node open its
 * debugger, on a port through which every local user may run code as the daemon.
 */

type Handler = (signal: NodeJS.Signals) => void;

/** Signals that log rotation and reload scripts of other daemons send; here they have no meaning. */
const ignored = ['SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const;
/** SIGQUIT is included, because Node would abort on it without sending anything to any peer. */
const ending = ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const;

/** The signals of one kind that have arrived, kept until a handler takes them. */
class Inbox {
  private readonly signals: readonly NodeJS.Signals[];
  private kept: NodeJS.Signals[] = [];
  private handler: Handler | undefined;
  private readonly came = (signal: NodeJS.Signals): void => {
    if (this.handler === undefined) this.kept.push(signal);
    else this.handler(signal);
  };

  constructor(signals: readonly NodeJS.Signals[]) {
    this.signals = signals;
    this.catch();
  }

  /** From now on every signal is passed to `handler`, and those that were kept are passed at once. */
  take(handler: Handler): void {
    this.handler = handler;
    this.catch();
    for (const signal of this.kept.splice(0)) handler(signal);
  }

  /**
   * Unless a handler has taken them, the signal does what it does to any process, and does so now if it has already
   * arrived.
   */
  leave(): void {
    if (this.handler !== undefined) return;
    for (const signal of this.signals) process.off(signal, this.came);
    for (const signal of this.kept.splice(0)) process.kill(process.pid, signal);
  }

  /**
   * An existing listener stays, because removing it would lose signals that have arrived but were not delivered yet.
   */
  private catch(): void {
    for (const signal of this.signals) {
      if (!process.listeners(signal).includes(this.came)) process.on(signal, this.came);
    }
  }
}

const ignoredSignals = new Inbox(ignored);
const hangUps = new Inbox(['SIGHUP']);
const endings = new Inbox(ending);

/** Calls `handler` for each ignored signal, so that it can be logged. */
export function onIgnored(handler: Handler): void {
  ignoredSignals.take(handler);
}

/** Calls `handler` for each SIGHUP. */
export function onHangUp(handler: () => void): void {
  hangUps.take(handler);
}

/** Calls `handler` for each SIGINT, SIGTERM and SIGQUIT. */
export function onEnd(handler: Handler): void {
  endings.take(handler);
}

/** For a command that handles none of these signals: they end it, even while it computes. */
export function leaveUntaken(): void {
  hangUps.leave();
  endings.leave();
}
