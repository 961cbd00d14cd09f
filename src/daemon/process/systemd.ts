import type { Cancel, Clock } from '#clock.ts';
import { messageOf } from '#text/message-of.ts';

/** What systemd provides to a service of `Type=notify` in its environment (systemd.exec(5)). */
export interface SystemdEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined;
  /** The microseconds without a sign of life after which systemd kills the service. */
  readonly WATCHDOG_USEC?: string | undefined;
  /** The process that has to give the signs of life; absent: this one. */
  readonly WATCHDOG_PID?: string | undefined;
}

export interface SystemdOptions {
  readonly clock: Clock;
  readonly env: SystemdEnvironment;
  readonly pid: number;
  /** Sends one datagram of sd_notify(3); throws if systemd cannot be reached. */
  readonly send: (state: string) => void;
  /** CLOCK_MONOTONIC in microseconds. */
  readonly monotonicUsec: () => bigint;
  /** Returns whether the work makes progress; called once per beat. A beat is sent only if it does. */
  readonly isHealthy: () => boolean;
  /** One line for `systemctl status`. */
  readonly status: () => string;
  /** Called once, if systemd cannot be notified. */
  readonly warn: (text: string) => void;
}

/** Sessions come and go in bursts, so their line is written once for all of them. */
const statusDelayMs = 500;

/**
 * Notifies systemd of the daemon's state: ready, reloading, stopping, alive. The beat's timer shows that the event loop
 * turns; `isHealthy` says whether work makes progress. Does nothing without systemd.
 */
export class Systemd {
  private readonly options: SystemdOptions;
  private readonly isPresent: boolean;
  private lastStatus = '';
  private hasWarned = false;
  private isStopping = false;
  private isStatusDue = false;
  private cancelBeat: Cancel | undefined;

  constructor(options: SystemdOptions) {
    this.options = options;
    const { NOTIFY_SOCKET: path } = options.env;
    this.isPresent = path !== undefined && path !== '';
  }

  /** To be called once, when the listeners are open: from here on the watchdog expects beats. */
  ready(): void {
    this.send(`READY=1\n${this.statusLine()}`);
    const intervalMs = watchdogMs(this.options.env, this.options.pid);
    if (!this.isPresent || intervalMs === undefined) return;
    // Half of it, as sd_watchdog_enabled(3) recommends.
    this.cancelBeat = this.options.clock.every(intervalMs / 2, () => this.beat());
  }

  /** While `action` runs the service counts as reloading. Passes on its result. */
  async reloading<Result>(action: () => Promise<Result>): Promise<Result> {
    if (this.isPresent && !this.isStopping) {
      const usec = this.options.monotonicUsec();
      this.send(`RELOADING=1\nMONOTONIC_USEC=${usec}\nSTATUS=reloading`);
    }
    try {
      return await action();
    } finally {
      if (!this.isStopping) this.send(`READY=1\n${this.statusLine()}`);
    }
  }

  /** Something that the status line shows has changed. */
  statusChanged(): void {
    if (!this.isPresent || this.isStatusDue || this.isStopping) return;
    this.isStatusDue = true;
    this.options.clock.after(statusDelayMs, () => {
      this.isStatusDue = false;
      if (!this.isStopping && this.options.status() !== this.lastStatus) {
        this.send(this.statusLine());
      }
    });
  }

  /** From here on TimeoutStopSec counts instead of the watchdog. */
  stopping(): void {
    this.isStopping = true;
    this.cancelBeat?.();
    this.send('STOPPING=1\nSTATUS=stopping');
  }

  private beat(): void {
    if (this.options.isHealthy()) this.send('WATCHDOG=1');
  }

  private statusLine(): string {
    this.lastStatus = this.options.status();
    return `STATUS=${this.lastStatus}`;
  }

  private send(state: string): void {
    if (!this.isPresent) return;
    try {
      this.options.send(state);
    } catch (error) {
      if (this.hasWarned) return;
      this.hasWarned = true;
      const text = messageOf(error);
      this.options.warn(`systemd could not be notified of the state of the daemon: ${text}`);
    }
  }
}

/** Returns the watchdog's interval; undefined if there is none, or if it waits for another process. */
function watchdogMs(env: SystemdEnvironment, pid: number): number | undefined {
  const { WATCHDOG_USEC: usec, WATCHDOG_PID: whose } = env;
  if (usec === undefined || !/^[1-9]\d*$/.test(usec)) return undefined;
  if (whose !== undefined && whose !== String(pid)) return undefined;
  return Number(usec) / 1000;
}
