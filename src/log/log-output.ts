import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { Cancel, Clock } from '#clock.ts';

/** Octets that wait for a reader that is slow; what is more is lost. */
const mostWaiting = 1 << 20;
const retryMs = 50;
/** Longer than this the end of the process does not wait for the reader. */
const lastWordsMs = 1000;
const napMs = 5;

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;

/**
 * Standard output for a log. Lines are written at once where that is possible without waiting: routes
 * matter more than the log, so that a reader that has stalled delays nothing. What waits is bounded and
 * goes out whole, in order; lines that found no room, and those that a full disk could not take, are
 * counted. A reader that has gone does not come back.
 */
export class StandardOutput {
  /** Lines lost since this was last set to 0. */
  lost = 0;
  private readonly fd: number | undefined;
  private readonly clock: Clock;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  /** A line was cut off in the middle: the next one begins a new one. */
  private isTorn = false;
  private isOver = false;
  private retry: Cancel | undefined;

  /** `fd` need not be 1. */
  constructor(clock: Clock, fd = 1) {
    this.clock = clock;
    this.fd = withoutWaiting(fd);
    process.on('exit', () => this.flush());
  }

  write(line: string): void {
    if (this.isOver || this.fd === undefined) return;
    if (this.waitingBytes > 0) this.drain();
    const bytes = Buffer.from(line);
    const rest = this.waitingBytes > 0 ? bytes : this.put(bytes);
    if (rest.length === 0) return;
    // The rest of a line that is half written is never given up: what a reader sees are whole lines.
    if (rest === bytes && this.waitingBytes + rest.length > mostWaiting) {
      this.lost++;
      return;
    }
    this.waiting.push(rest);
    this.waitingBytes += rest.length;
    this.retry ??= this.clock.after(retryMs, () => this.tryAgain());
  }

  /** Whether a line would be taken now. */
  get hasRoom(): boolean {
    return this.waitingBytes === 0;
  }

  /** Waits a moment, if need be, for the reader to take what is left. For the end of the process. */
  flush(): void {
    this.retry?.();
    this.retry = undefined;
    const deadline = this.clock.monotonic() + lastWordsMs;
    for (this.drain(); !this.hasRoom && this.clock.monotonic() < deadline; this.drain()) nap();
  }

  private tryAgain(): void {
    this.retry = undefined;
    this.drain();
    if (!this.hasRoom) this.retry = this.clock.after(retryMs, () => this.tryAgain());
  }

  private drain(): void {
    let at = 0;
    while (at < this.waiting.length) {
      const bytes = this.waiting[at];
      const rest = this.put(bytes);
      this.waitingBytes -= bytes.length - rest.length;
      if (rest.length > 0) {
        this.waiting[at] = rest;
        break;
      }
      at++;
    }
    this.waiting.splice(0, at);
  }

  /** Writes what is taken at once; returns what is not. */
  private put(line: Buffer): Buffer {
    const bytes = this.isTorn ? Buffer.concat([newline, line]) : line;
    let at = 0;
    try {
      while (at < bytes.length) {
        at += writeSync(this.fd ?? 1, bytes, at);
        this.isTorn = false;
      }
      return nothing;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EAGAIN') return at === 0 ? line : bytes.subarray(at);
      if (code === 'EPIPE') this.isOver = true;
      this.isTorn ||= at > 0;
      this.lost++;
      return nothing;
    }
  }
}

const newline = Buffer.from('\n');
const nothing = Buffer.alloc(0);

/**
 * A descriptor of the same output that does not wait for its reader: a pipe and a terminal are opened
 * once more, as only their own description would else have to be changed, which the shell shares; a
 * socket (the journal's) cannot be, and `process.stdout` has made it so. A file has no reader.
 * `undefined` when there is no output at all.
 */
function withoutWaiting(fd: number): number | undefined {
  try {
    const stat = fstatSync(fd);
    const hasReader = stat.isFIFO() || (stat.isCharacterDevice() && process.stdout.isTTY);
    return hasReader ? openedAgain(fd) : fd;
  } catch {
    return undefined;
  }
}

function openedAgain(fd: number): number {
  try {
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    // Another user's, or no /proc: as Node has it.
    return fd;
  }
}

/** Holds up everything, which is of no account at the end. */
function nap(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, napMs);
}
