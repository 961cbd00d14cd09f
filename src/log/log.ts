import { pino } from 'pino';
import type { Cause } from '#api/events/causes.ts';
import { describe } from '#api/events/event-text.ts';
import type { DaemonEvent, EventSource } from '#api/events/events.ts';
import { type Cancel, type Clock, systemClock } from '#clock.ts';
import type { Config, LogLevel } from '#config/config.ts';
import { printable, printableLines } from '#text/printable.ts';
import { StandardOutput } from './log-output.ts';

/**
 * Turns events into lines: one line for each event, JSON for machines, with `msg` in words that operators know
 * from other daemons. Lines are written at once, or as soon as a slow reader takes them; nothing waits for
 * that.
 */

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: Config['log']['format'];
  /** Absent: standard output. */
  readonly out?: LogOutput;
  /** Absent: the real clock. */
  readonly clock?: Clock;
}

/** The destination of lines, each with its newline. */
export interface LogOutput {
  readonly isTTY?: boolean | undefined;
  write(line: string): unknown;
  /**
   * Whether a line is accepted at once; and how many lines were not accepted at all since this was set to 0.
   */
  readonly hasRoom?: boolean;
  lost?: number;
  /** Waits a moment for the reader to take the waiting lines. */
  flush?(): void;
}

export interface Log {
  /** Loads what another level and format need; the function that it resolves to puts them into force. */
  prepare(wanted: Pick<LogOptions, 'level' | 'format'>): Promise<() => void>;
  /** Writes the counts of suppressed lines; nothing is logged afterwards. */
  close(): void;
}

/**
 * Lines in a minute about what one peer did wrong, its ups and downs, addresses that one cause moves; what is more is
 * counted.
 */
const linesPerMinute = 20;
const minuteMs = 60_000;

/** Logs the events of `events` until it is closed. */
export async function createLog(options: LogOptions, events: EventSource): Promise<Log> {
  const { clock = systemClock } = options;
  const out = options.out ?? new StandardOutput(clock);
  let destination = await destinationOf(out, options);
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: false,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => destination.write(line) },
  );
  const limit = new MinuteLimit(clock, ({ who, fields }, { count, last }, at) => {
    const msg = `%SUPPRESSED: ${who}: ${count} more lines like these were suppressed in that minute; the last was: ${last}`;
    logger.warn({ time: at, event: 'suppressed', ...fields, count }, msg);
  });
  /** Has to be called once the reader accepts lines again. */
  const tellLost = (at: string): void => {
    const { lost: count = 0, hasRoom = true } = out;
    if (count === 0 || !hasRoom) return;
    out.lost = 0;
    const msg = `%SUPPRESSED: ${count} lines were lost because the reader of the log was too slow`;
    logger.warn({ time: at, event: 'suppressed', count }, msg);
  };
  let last = '';
  const unsubscribe = events.subscribe((event, at) => {
    tellLost((last = at));
    const { level, text } = describe(event);
    if (!logger.isLevelEnabled(level)) return;
    const line = printable(text);
    if (limit.allows(subjectOf(event), line, at))
      logger[level]({ time: at, ...fieldsOf(event) }, line);
  });
  return {
    prepare: async ({ level, format }) => {
      const next = await destinationOf(out, { ...options, format });
      return () => {
        logger.level = level;
        destination = next;
      };
    },
    close: () => {
      unsubscribe();
      limit.flush();
      out.flush?.();
      tellLost(last);
    },
  };
}

/** Returns every field except the text, which is in `msg`, and the level, which the line has already. */
function fieldsOf(event: DaemonEvent): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...event };
  delete fields['text'];
  delete fields['level'];
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === 'string') fields[key] = printableLines(value);
  }
  return fields;
}

/** Lines about the same subject are counted together. */
interface Subject {
  readonly key: string;
  readonly who: string;
  readonly fields: { readonly peer?: string; readonly prefix?: string };
}

/**
 * Returns `undefined` for lines that are never suppressed. The ups and downs of a peer are counted apart from
 * its errors; unknown sources count together, since there may be many.
 */
function subjectOf(event: DaemonEvent): Subject | undefined {
  switch (event.event) {
    case 'auth_failed':
      return { key: 'auth_failed', who: 'unauthorized HTTP requests', fields: {} };
    case 'unknown_source':
      return { key: '', who: 'unknown sources', fields: {} };
    case 'peer_up':
    case 'peer_down':
      return { key: `session ${event.peer}`, who: event.peer, fields: { peer: event.peer } };
    case 'best_changed':
      return event.cause === undefined ? ofAddress(event) : ofCause(event.event, event.cause);
    case 'failover':
      return 'failover' in event ? ofCause(event.event, event.cause) : undefined;
    case 'notification':
    case 'update_error':
    case 'family_disabled':
    case 'limit_hit':
    case 'limit_cleared':
    case 'peer_state':
    case 'bfd':
    case 'warning': {
      const { peer } = event;
      return peer === undefined ? undefined : { key: `peer ${peer}`, who: peer, fields: { peer } };
    }
    default:
      return undefined;
  }
}

function ofAddress({
  event,
  prefix,
}: {
  readonly event: string;
  readonly prefix: string;
}): Subject {
  return { key: `${event} ${prefix}`, who: prefix, fields: { prefix } };
}

/** A node with 10,000 addresses moves them all for one reason, though perhaps with an UPDATE for each of them. */
function ofCause(event: string, cause: Cause): Subject {
  const { kind, peer } = cause;
  const who = `${event} because of ${peer ?? kind} (${kind})`;
  const fields = peer === undefined ? {} : { peer };
  return { key: `${event} ${kind} ${peer ?? ''}`, who, fields };
}

/** The number of suppressed lines, and the last of them. */
interface Suppressed {
  readonly count: number;
  readonly last: string;
}

interface Tally {
  readonly subject: Subject;
  lines: number;
  last: string;
}

/**
 * Limits the lines for each subject and minute. The minute is taken from the time of the events; if no event
 * follows, a timer ends it. Memory grows with the subjects of one minute.
 */
class MinuteLimit {
  private readonly clock: Clock;
  private readonly report: (subject: Subject, suppressed: Suppressed, at: string) => void;
  private readonly tallies = new Map<string, Tally>();
  private minute = '';
  private lastAt = '';
  private end: Cancel | undefined;

  constructor(
    clock: Clock,
    report: (subject: Subject, suppressed: Suppressed, at: string) => void,
  ) {
    this.clock = clock;
    this.report = report;
  }

  allows(subject: Subject | undefined, line: string, at: string): boolean {
    const minute = at.slice(0, '2026-01-01T00:00'.length);
    if (minute !== this.minute) this.flush();
    this.minute = minute;
    this.lastAt = at;
    if (subject === undefined) return true;
    const tally = this.tallies.get(subject.key) ?? { subject, lines: 0, last: '' };
    this.tallies.set(subject.key, tally);
    tally.lines++;
    tally.last = line;
    if (tally.lines <= linesPerMinute) return true;
    this.end ??= this.clock.after(minuteMs, () => this.flush());
    return false;
  }

  /** Writes what was suppressed, as of the last event. */
  flush(): void {
    this.end?.();
    this.end = undefined;
    for (const { subject, lines, last } of this.tallies.values()) {
      const count = lines - linesPerMinute;
      if (count > 0) this.report(subject, { count, last }, this.lastAt);
    }
    this.tallies.clear();
  }
}

/** The format for people is loaded only if it is used: 0.5 MB. */
async function destinationOf(
  out: LogOutput,
  options: LogOptions,
): Promise<{ write(line: string): void }> {
  const isTerminal = options.out === undefined ? process.stdout.isTTY : options.out.isTTY;
  const isPretty =
    options.format === 'pretty' || (options.format === 'auto' && isTerminal === true);
  if (!isPretty) return { write: (line) => void out.write(line) };
  const { prettyFactory } = await import('pino-pretty');
  const prettify = prettyFactory({ colorize: isTerminal === true, ...prettyOptions });
  return { write: (line) => void out.write(prettify(line)) };
}

/** On a terminal the text says everything; only the stack of a bug is worth more space. */
const prettyOptions = { include: 'time,level,stack', translateTime: false };
