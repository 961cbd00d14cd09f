/**
 * What each signal does, from the first moment on: to be imported before everything that takes time to
 * load. A SIGHUP that comes before anybody can take it would end the process, and SIGUSR1 is Node's wish
 * for its debugger, on a port where every local user may run code as the daemon.
 */

type Handler = (signal: NodeJS.Signals) => void;

/** Sent by log rotation and reload scripts of other daemons; here they mean nothing. */
const ignored = ['SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const;
/** SIGQUIT too: Node's answer to it would be an abort without a word to any peer. */
const ending = ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const;

/** What has come of one kind of signal, kept until somebody takes it. */
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

  /** From now on every signal goes to `handler`, those that were kept at once. */
  take(handler: Handler): void {
    this.handler = handler;
    this.catch();
    for (const signal of this.kept.splice(0)) handler(signal);
  }

  /** Unless somebody has taken it, the signal does what it does to any process, and has done so already. */
  leave(): void {
    if (this.handler !== undefined) return;
    for (const signal of this.signals) process.off(signal, this.came);
    for (const signal of this.kept.splice(0)) process.kill(process.pid, signal);
  }

  /** A listener that is there stays: with it would go what has arrived and was not yet delivered. */
  private catch(): void {
    for (const signal of this.signals) {
      if (!process.listeners(signal).includes(this.came)) process.on(signal, this.came);
    }
  }
}

const ignoredSignals = new Inbox(ignored);
const hangUps = new Inbox(['SIGHUP']);
const endings = new Inbox(ending);

/** Calls back at each signal that is ignored, to be told. */
export function onIgnored(handler: Handler): void {
  ignoredSignals.take(handler);
}

/** Calls back at each SIGHUP. */
export function onHangUp(handler: () => void): void {
  hangUps.take(handler);
}

/** SIGINT, SIGTERM and SIGQUIT. */
export function onEnd(handler: Handler): void {
  endings.take(handler);
}

/** For a command that has not asked for any of them: they end it, even while it computes. */
export function leaveUntaken(): void {
  hangUps.leave();
  endings.leave();
}
