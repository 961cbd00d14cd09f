import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Config, LogLevel } from './config/config.ts';
import type { DaemonEvent, EventSource } from './watch-events.ts';

/**
 * Events -> lines (product.md section 5): one line an event, JSON for machines, `msg` in words that
 * hands know from other daemons. Lines are written at once, so that none is lost at the end.
 */

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: Config['log']['format'];
  /** Absent: standard output. */
  readonly out?: LogOutput;
}

/** Where lines go, newline included. */
export interface LogOutput {
  readonly isTTY?: boolean | undefined;
  write(line: string): unknown;
}

export interface Log {
  setLevel(level: LogLevel): void;
  /** Counts of suppressed lines are written; nothing follows. */
  close(): void;
}

/** Lines of one peer's misdeeds in a minute; what is more is counted. */
const linesPerMinute = 20;

/** Logs what `events` tells until closed. */
export function createLog(options: LogOptions, events: EventSource): Log {
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: false,
      formatters: { level: (level) => ({ level }) },
    },
    destination(options),
  );
  const limit = new MinuteLimit((peer, count, at) => {
    const msg = `%SUPPRESSED: ${peer}: ${count} more lines like these in that minute`;
    logger.warn({ time: at, event: 'suppressed', ...nameOf(peer), count }, msg);
  });
  const unsubscribe = events.subscribe((event, at) => {
    const { level, msg } = describe(event);
    if (!logger.isLevelEnabled(level)) return;
    if (!limit.allows(blameOf(event), at)) return;
    logger[level]({ time: at, ...fieldsOf(event) }, oneLine(msg));
  });
  return {
    setLevel: (level) => (logger.level = level),
    close: () => {
      unsubscribe();
      limit.flush();
    },
  };
}

/** A line's level and its text. */
export interface LogLine {
  readonly level: LogLevel;
  readonly msg: string;
}

/** The table of texts: what a peer did wrong is warn, a session or a service that moves is info, a state on the way debug. */
export function describe(event: DaemonEvent): LogLine {
  switch (event.event) {
    case 'started':
      return info(
        `fingerpost ${event.version} started, router id ${event.router_id}, AS ${event.local_as}`,
      );
    case 'listening':
      return info(`listening on ${event.address} (${event.what})`);
    case 'peer_up':
      return info(`%ADJCHANGE: peer ${event.peer} (${event.address}) Up`);
    case 'peer_down':
      return info(`%ADJCHANGE: peer ${event.peer} (${event.address}) Down - ${event.text}`);
    case 'peer_state':
      return debug(
        `peer ${event.peer}: ${event.old_state} -> ${event.new_state}${after(': ', event.text)}`,
      );
    case 'notification':
      return warn(
        `%NOTIFICATION: ${event.direction} ${event.direction === 'sent' ? 'to' : 'from'} peer ` +
          `${event.peer} ${event.code}/${event.subcode} (${event.text})`,
      );
    case 'update_error':
      return warn(`%UPDATE: peer ${event.peer}: ${event.text} (${event.action})`);
    case 'limit_hit':
      return warn(
        `%MAXPFX: peer ${event.peer}: ${event.family} prefixes reach the limit of ` +
          `${event.limit} (${event.action})`,
      );
    case 'limit_cleared':
      return info(
        `%MAXPFX: peer ${event.peer}: ${event.family} prefixes are below the limit again`,
      );
    case 'best_changed':
      return info(
        `best path of ${event.prefix}: ${pathText(event.old_peer, event.old_med)} -> ` +
          pathText(event.new_peer, event.new_med),
      );
    case 'config_loaded':
      return info(`configuration ${event.file} loaded${after(': ', event.text)}`);
    case 'config_refused':
      return { level: 'error', msg: `configuration ${event.file} refused: ${event.text}` };
    case 'unknown_source':
      return warn(`connection from ${event.address} refused: ${event.text}`);
    case 'warning':
      return warn(`${event.peer === undefined ? '' : `peer ${event.peer}: `}${event.text}`);
    case 'stopping':
      return info(`stopping: ${event.text}`);
    case 'internal_error':
      return { level: 'error', msg: `internal error: ${event.text}` };
    default:
      return event satisfies never;
  }
}

function info(msg: string): LogLine {
  return { level: 'info', msg };
}

function warn(msg: string): LogLine {
  return { level: 'warn', msg };
}

function debug(msg: string): LogLine {
  return { level: 'debug', msg };
}

function after(separator: string, text: string | undefined): string {
  return text === undefined || text === '' ? '' : separator + text;
}

/** A peer's shutdown text is printed too: it starts no line and moves no cursor. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

function pathText(peer: string | undefined, med: number | undefined): string {
  if (peer === undefined) return 'none';
  return med === undefined ? peer : `${peer} (MED ${med})`;
}

/** All but the text, which `msg` has. */
function fieldsOf(event: DaemonEvent): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...event };
  delete fields['text'];
  return fields;
}

/** Whose lines are counted together; `undefined` for what is never held back. Strangers are one: there may be many. */
function blameOf(event: DaemonEvent): string | undefined {
  switch (event.event) {
    case 'unknown_source':
      return strangers;
    case 'notification':
    case 'update_error':
    case 'limit_hit':
    case 'limit_cleared':
    case 'peer_state':
    case 'warning':
      return event.peer;
    default:
      return undefined;
  }
}

const strangers = 'unknown sources';

function nameOf(blamed: string): { peer?: string } {
  return blamed === strangers ? {} : { peer: blamed };
}

/** So many lines per peer and minute; the minute is read off the events' own time. Grows with the peers that erred in it. */
class MinuteLimit {
  private readonly report: (peer: string, suppressed: number, at: string) => void;
  private readonly counts = new Map<string, number>();
  private minute = '';
  private last = '';

  constructor(report: (peer: string, suppressed: number, at: string) => void) {
    this.report = report;
  }

  allows(peer: string | undefined, at: string): boolean {
    const minute = at.slice(0, '2026-01-01T00:00'.length);
    if (minute !== this.minute) this.flush();
    this.minute = minute;
    this.last = at;
    if (peer === undefined) return true;
    const count = (this.counts.get(peer) ?? 0) + 1;
    this.counts.set(peer, count);
    return count <= linesPerMinute;
  }

  /** Tells what was held back, as of the last event. */
  flush(): void {
    for (const [peer, count] of this.counts) {
      if (count > linesPerMinute) this.report(peer, count - linesPerMinute, this.last);
    }
    this.counts.clear();
  }
}

/** Synchronous in both forms. */
function destination(options: LogOptions): { write(line: string): void } {
  const out = options.out ?? standardOutput();
  const isTerminal = options.out === undefined ? process.stdout.isTTY : options.out.isTTY;
  const isPretty =
    options.format === 'pretty' || (options.format === 'auto' && isTerminal === true);
  if (!isPretty) return { write: (line) => void out.write(line) };
  const prettify = prettyFactory({ colorize: isTerminal === true, ...prettyOptions });
  return { write: (line) => void out.write(prettify(line)) };
}

/**
 * Routes matter more than the log: lines that a full disk cannot take are lost, and the next one tries
 * anew. A reader that has gone does not come back.
 */
function standardOutput(): LogOutput {
  let stream: LogOutput | undefined;
  let isOver = false;
  const open = (): LogOutput => {
    const opened = pino.destination({ dest: 1, sync: true });
    opened.on('error', (error: NodeJS.ErrnoException) => {
      stream = undefined;
      isOver = error.code === 'EPIPE';
    });
    return opened;
  };
  return {
    write: (line) => {
      if (isOver) return;
      stream ??= open();
      stream.write(line);
    },
  };
}

/** On a terminal the text says it all; only a bug's stack is worth more room. */
const prettyOptions = { include: 'time,level,stack', translateTime: false };
