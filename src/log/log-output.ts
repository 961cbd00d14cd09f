import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { Cancel, Clock } from '#clock.ts';
import { codeOf } from '#text/code-of.ts';

/** The number of octets that may wait for a slow reader; further lines are lost. */
const mostWaiting = 1 << 20;
const retryMs = 50;
/** The end of the process waits for the reader no longer than this. */
const lastWordsMs = 1000;
const napMs = 5;

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;

/**
 * Standard output for a log. Lines are written at once if that is possible without waiting: routes matter more
 * than the log, so a reader that stalls delays nothing. Waiting lines are bounded, and are written whole and in
 * order; lines that did not fit, and those that a full disk could not take, are counted. A reader that has
 * closed the output does not come back.
 */
export class StandardOutput {
  /** Lines lost since this was last set to 0. */
  lost = 0;
  private readonly fd: number | undefined;
  private readonly clock: Clock;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  /** A line was cut off: the next line starts with a line end. */
  private isTorn = false;
  private isOver = false;
  private retry: Cancel | undefined;

  /** `fd` may be any descriptor; tests use another than 1. */
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
    // The end of a line that is half written is always kept: a reader sees whole lines only.
    if (rest === bytes && this.waitingBytes + rest.length > mostWaiting) {
      this.lost++;
      return;
    }
    this.waiting.push(rest);
    this.waitingBytes += rest.length;
    this.retry ??= this.clock.after(retryMs, () => this.tryAgain());
  }

  /** Returns whether a line would be accepted now. */
  get hasRoom(): boolean {
    return this.waitingBytes === 0;
  }

  /** Waits a moment, if necessary, for the reader to take the waiting lines. For the end of the process. */
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

  /** Writes what is accepted at once; returns the remaining bytes. */
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
      const code = codeOf(error);
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
 * Returns a descriptor of the same output that does not wait for its reader. A pipe or terminal is opened a
 * second time, because changing its own file description would also affect the shell, which shares it. A socket
 * (the journal's) cannot be opened again, and `process.stdout` has already made it non-blocking. A file has no
 * reader. Returns `undefined` if there is no output at all.
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
    // The output belongs to another user, or there is no /proc: it stays as Node opened it.
    return fd;
  }
}

/** Blocks the whole process, which does not matter at its end. */
function nap(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, napMs);
}
