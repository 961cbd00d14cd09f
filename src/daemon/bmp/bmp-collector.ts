import type { BmpCollectorView } from '#api/views/bmp.ts';
import { TerminationReason } from '#bmp/constants.ts';
import { writeInitiation, writeTermination } from '#bmp/messages.ts';
import { type Cancel, type Clock, timestamp } from '#clock.ts';
import type { BmpConfig } from '#config/config.ts';
import { megabytes } from '#os/megabytes.ts';
import type { RibView } from '#rib/view.ts';
import { printable } from '#text/printable.ts';
import { OctetWriter } from '#wire/octet-writer.ts';
import type { EventBus } from '../event-bus.ts';
import { type CollectorConnection, connectToCollector } from './collector-connection.ts';
import { CollectorFeed } from './collector-feed.ts';
import type { LocRibPeer } from './loc-rib-peer.ts';
import type { MonitoredSessions } from './monitored-session.ts';

/** A slice of writing; the short one while routes wait to be decided on or advertised. */
const sliceMs = 3;
const busySliceMs = 1;
/** Nothing more is written while the kernel has not taken so much. */
const highWaterBytes = 256 * 1024;
/** A message that is so long is written at once, and leaves the turn to others. */
const pieceBytes = 64 * 1024;
/** A collector for which more waits than this is dropped; routes of the tables do not count, they are read again. */
const mostWaitingBytes = 64 * 2 ** 20;
/** So is one that takes nothing for so long, while something waits. */
const stalledMs = 30_000;
const watchEveryMs = 1_000;
/** Between two attempts: the first, and the longest, to which it doubles. */
const retryMs = 5_000;
const retryMaxMs = 60_000;

export interface BmpCollectorParts {
  readonly clock: Clock;
  readonly events: Pick<EventBus, 'emit'>;
  readonly view: RibView;
  readonly sessions: MonitoredSessions;
  readonly locRib: LocRibPeer;
  /** For Initiation (RFC 7854 §4.4). */
  readonly system: { readonly sysDescr: string; readonly sysName: string };
  /** Writes what there is to say of statistics. */
  readonly statistics: (out: OctetWriter) => void;
  /** The feed has begun or ended. */
  readonly feedChanged: () => void;
  /** Absent: over TCP. */
  readonly connect?: typeof connectToCollector;
}

/**
 * A collector that we connect to again and again: its connection, and how much of its feed is written. One that
 * reads too slowly is dropped, connected to again, and sent everything from the beginning.
 */
export class BmpCollector {
  readonly config: BmpConfig;
  private readonly parts: BmpCollectorParts;
  private connection: CollectorConnection | undefined;
  private current: CollectorFeed | undefined;
  private isStopped = false;
  private isScheduled = false;
  private isTold = false;
  private failures = 0;
  private drops = 0;
  private sentBytes = 0;
  private sinceWallMs: number | undefined;
  private connectedMs = 0;
  private progressMs = 0;
  private lastError: { readonly wallMs: number; readonly text: string } | undefined;
  private timers: Cancel[] = [];

  constructor(config: BmpConfig, parts: BmpCollectorParts) {
    this.config = config;
    this.parts = parts;
  }

  /** Present while it is connected. */
  get feed(): CollectorFeed | undefined {
    return this.current;
  }

  start(): void {
    const { clock, connect = connectToCollector } = this.parts;
    this.connection = connect(this.config.endpoint, clock, {
      connected: () => this.connected(),
      wrote: () => this.wrote(),
      lost: (text) => this.lost(text),
    });
  }

  /** The feed may have something to write. */
  wake(): void {
    const { connection, current } = this;
    if (this.isScheduled || connection === undefined || current === undefined) return;
    if (connection.queuedBytes > highWaterBytes || !current.hasWork) return;
    this.isScheduled = true;
    this.parts.clock.soon(() => {
      this.isScheduled = false;
      this.write();
    });
  }

  /** `forGood`: it is not configured any more. Resolves when the last message has been sent, or cannot be. */
  async stop(forGood: boolean): Promise<void> {
    this.isStopped = true;
    const { connection, current } = this;
    this.ended();
    if (connection === undefined) return;
    if (current !== undefined) {
      const { permanentlyClosed, administrativelyClosed } = TerminationReason;
      const out = new OctetWriter();
      writeTermination(out, forGood ? permanentlyClosed : administrativelyClosed);
      current.message(out.take());
      for (const bytes of current.take()) connection.write(bytes);
    }
    await connection.close();
  }

  view(): BmpCollectorView {
    const { config, current, lastError, sinceWallMs } = this;
    return {
      name: config.name,
      address: config.endpoint.text,
      state: this.state,
      monitor: [...config.monitor],
      ...(sinceWallMs !== undefined && { since: timestamp(sinceWallMs) }),
      sent_bytes: this.sentBytes,
      waiting_bytes: (current?.waitingBytes ?? 0) + (this.connection?.queuedBytes ?? 0),
      drops: this.drops,
      ...(lastError !== undefined && {
        last_error: { at: timestamp(lastError.wallMs), text: lastError.text },
      }),
    };
  }

  get isConnected(): boolean {
    return this.current !== undefined;
  }

  private get state(): BmpCollectorView['state'] {
    if (this.current !== undefined) return this.current.isWhole ? 'established' : 'synchronizing';
    return this.connection === undefined ? 'idle' : 'connecting';
  }

  private connected(): void {
    const { clock, events, system } = this.parts;
    const { name, endpoint, monitor, statisticsMs } = this.config;
    const now = clock.monotonic();
    this.connectedMs = now;
    this.progressMs = now;
    this.sinceWallMs = clock.wall();
    this.isTold = false;
    const out = new OctetWriter();
    writeInitiation(out, system);
    this.current = new CollectorFeed({ ...this.parts, monitor });
    this.current.begin(out.take());
    this.parts.feedChanged();
    this.timers = [clock.every(watchEveryMs, () => this.watch())];
    if (statisticsMs > 0) this.timers.push(clock.every(statisticsMs, () => this.report()));
    events.emit({ event: 'bmp', text: `BMP collector ${name} (${endpoint.text}): connected` });
    this.wake();
  }

  private write(): void {
    const { connection, current } = this;
    if (connection === undefined || current === undefined) return;
    const { clock, view } = this.parts;
    const untilMs = clock.monotonic() + (view.hasWork ? busySliceMs : sliceMs);
    while (current.writtenBytes < pieceBytes && current.step()) {
      if (clock.monotonic() >= untilMs) break;
    }
    if (connection.queuedBytes === 0) this.progressMs = clock.monotonic();
    for (const bytes of current.take()) {
      this.sentBytes += bytes.length;
      connection.write(bytes);
    }
    this.wake();
  }

  private wrote(): void {
    this.progressMs = this.parts.clock.monotonic();
    this.wake();
  }

  /** Drops a collector that is too slow. */
  private watch(): void {
    const { connection, current } = this;
    if (connection === undefined || current === undefined) return;
    const waitingBytes = current.waitingBytes + connection.queuedBytes;
    if (waitingBytes > mostWaitingBytes) {
      return this.drop(`it reads too slowly: ${megabytes(waitingBytes)} wait for it`);
    }
    const idleMs = this.parts.clock.monotonic() - this.progressMs;
    if (connection.queuedBytes > 0 && idleMs >= stalledMs) {
      return this.drop(`it has read nothing for ${Math.round(idleMs / 1000)} s`);
    }
    this.wake();
  }

  private report(): void {
    const { connection, current } = this;
    if (connection === undefined || connection.queuedBytes > highWaterBytes) return;
    const out = new OctetWriter();
    this.parts.statistics(out);
    current?.message(out.take());
    this.wake();
  }

  private drop(why: string): void {
    this.drops++;
    this.connection?.abort();
    this.lost(why, '; the daemon will connect again and send everything from the beginning');
  }

  private lost(text: string, whatFollows = ''): void {
    const { clock } = this.parts;
    const isLost = this.isConnected;
    if (isLost && clock.monotonic() - this.connectedMs >= retryMaxMs) this.failures = 0;
    this.lastError = { wallMs: clock.wall(), text: printable(text) };
    this.ended();
    if (this.isStopped) return;
    if (isLost || !this.isTold)
      this.tell(isLost ? `lost: ${text}${whatFollows}` : `cannot connect: ${text}`);
    const waitMs = Math.min(retryMs * 2 ** this.failures, retryMaxMs);
    this.failures++;
    this.timers = [clock.after(waitMs, () => this.start())];
  }

  private tell(text: string): void {
    const { name, endpoint } = this.config;
    this.isTold = true;
    this.parts.events.emit({
      event: 'bmp',
      level: 'warn',
      text: `BMP collector ${name} (${endpoint.text}) ${text}`,
    });
  }

  private ended(): void {
    const hadFeed = this.isConnected;
    this.connection = undefined;
    this.current = undefined;
    this.sinceWallMs = undefined;
    for (const cancel of this.timers) cancel();
    this.timers = [];
    if (hadFeed) this.parts.feedChanged();
  }
}
