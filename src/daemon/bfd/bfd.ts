import type { BfdBrakeView, BfdListView, BfdView } from '#api/views/bfd.ts';
import type { BrakeReason } from '#bfd/brake.ts';
import type { BfdMove } from '#bfd/session.ts';
import { type Cancel, type Clock, timestamp } from '#clock.ts';
import type { BfdBrakeConfig, Config } from '#config/config.ts';
import type { ConfigFollower } from '../config-follower.ts';
import type { EventBus } from '../event-bus.ts';
import { KeptThread, type StartThread, startThreadBeside } from '../kept-thread.ts';
import { within } from '../within.ts';
import type { BfdHeard, BfdReport, BfdRequest, BfdSessionSettings } from './bfd-messages.ts';
import { type BfdPeer, bfdSessionSettings, type Neighbourhood } from './bfd-settings.ts';

/**
 * A BFD session that has been Up for less than this may not end a BGP session: it may have come up by chance.
 */
const trustedAfterMs = 10_000;
/** Losses that the brake ignores are one event while they follow each other this closely. */
const oneBrakeMs = 10_000;
/** A thread that hangs delays the end by at most this time. */
const endWithinMs = 1_000;

export interface BfdOptions {
  readonly clock: Clock;
  readonly events: Pick<EventBus, 'emit' | 'subscribe'>;
  readonly peers: Iterable<BfdPeer>;
  readonly own: Neighbourhood;
  readonly startThread?: StartThread<BfdRequest, BfdReport>;
}

interface Known {
  view: BfdView;
  upSinceMs: number | undefined;
}

/**
 * BFD beside BGP (RFC 5882): gives the thread its sessions, keeps what it reports, and ends the BGP session of
 * a peer that BFD has lost. The thread exists only while a peer uses BFD.
 */
export class Bfd implements ConfigFollower {
  private readonly options: BfdOptions;
  private terms: BfdBrakeConfig;
  private readonly known = new Map<string, Known>();
  private readonly thread: KeptThread<BfdRequest, BfdReport>;
  private posted = '';
  private brake: BfdBrakeView | undefined;
  private brakeAtMs = -Infinity;
  private cancelSync: Cancel | undefined;
  private unsubscribe: Cancel | undefined;

  constructor({ bfdBrake }: Pick<Config, 'bfdBrake'>, options: BfdOptions) {
    this.options = options;
    this.terms = bfdBrake;
    this.thread = new KeptThread(options, {
      name: 'the thread of BFD',
      meanwhile: 'hold timers decide',
      start: options.startThread ?? startBfdThread,
      report: (report) => this.take(report),
      lost: () => this.known.clear(),
      again: () => {
        this.posted = '';
        this.sync();
      },
    });
  }

  /** From here on the sessions follow the configuration and the state of the peers. */
  start(): void {
    this.unsubscribe = this.options.events.subscribe(({ event }) => {
      if (event === 'peer_state' || event === 'peer_up') this.wake();
    });
    this.sync();
  }

  applyConfig({ bfdBrake }: Pick<Config, 'bfdBrake'>): void {
    this.terms = bfdBrake;
    this.sync();
  }

  /**
   * Sends AdminDown to every peer, so that none takes our silence for a failure. Resolves when the thread has ended, or
   * has had a second for that.
   */
  async stop(): Promise<void> {
    this.unsubscribe?.();
    this.cancelSync?.();
    await within(this.options.clock, endWithinMs, this.endThread());
  }

  /** Returns `undefined` for a peer that does not use BFD. */
  view(peer: string): BfdView | undefined {
    return this.known.get(peer)?.view;
  }

  list(): BfdListView {
    const items = [...this.known.values()].map(({ view }) => view);
    return { items, ...(this.brake !== undefined && { brake: this.brake }) };
  }

  /** Several peers may change in one turn of the event loop. */
  private wake(): void {
    this.cancelSync ??= this.options.clock.soon(() => this.sync());
  }

  private sync(): void {
    this.cancelSync = undefined;
    const { peers, own } = this.options;
    const sessions = [...peers].flatMap((peer) => bfdSessionSettings(peer, own) ?? []);
    this.keepOnly(sessions);
    if (sessions.length === 0) return void this.endThread();
    const request: BfdRequest = { kind: 'sessions', sessions, brake: this.terms };
    const text = JSON.stringify(request);
    if (text === this.posted) return;
    this.posted = text;
    this.thread.post(request);
  }

  private endThread(): Promise<void> {
    this.posted = '';
    return this.thread.end({ kind: 'stop' });
  }

  private keepOnly(sessions: readonly BfdSessionSettings[]): void {
    const names = new Set(sessions.map(({ peer }) => peer));
    for (const name of this.known.keys()) if (!names.has(name)) this.known.delete(name);
    for (const { peer, isMultihop } of sessions) {
      const known = this.known.get(peer);
      if (known !== undefined && known.view.multihop === isMultihop) continue;
      this.known.set(peer, { view: this.fresh(peer, isMultihop), upSinceMs: undefined });
    }
  }

  private fresh(peer: string, multihop: boolean): BfdView {
    return {
      peer,
      state: 'down',
      remote_state: 'down',
      diag: 'none',
      multihop,
      tx_ms: 0,
      rx_ms: 0,
      detect_ms: 0,
      since: this.wallNow(),
      downs: 0,
    };
  }

  private take(report: BfdReport): void {
    switch (report.kind) {
      case 'moved':
        return this.moved(report.peer, report.move, report.brake);
      case 'heard':
        return this.heard(report.peer, report.heard);
      case 'failed':
        return this.options.events.emit({ event: 'warning', text: report.text });
      default:
        return report satisfies never;
    }
  }

  private heard(peer: string, { remoteState, txMs, rxMs, detectMs }: BfdHeard): void {
    const known = this.known.get(peer);
    if (known === undefined) return;
    known.view = {
      ...known.view,
      remote_state: remoteState,
      tx_ms: txMs,
      rx_ms: rxMs,
      detect_ms: detectMs,
    };
  }

  private moved(peer: string, move: BfdMove, brake: BrakeReason | undefined): void {
    const known = this.known.get(peer);
    if (known === undefined) return;
    const now = this.options.clock.monotonic();
    const { upSinceMs } = known;
    known.upSinceMs = move.to === 'up' ? now : undefined;
    known.view = {
      ...known.view,
      state: move.to,
      remote_state: move.remoteState,
      diag: move.diagnostic,
      since: this.wallNow(),
      downs: known.view.downs + (move.from === 'up' ? 1 : 0),
    };
    if (move.to === 'up') this.tell(peer, 'up', 'BFD is up');
    if (move.from === 'up') this.lost(peer, move, brake, now - (upSinceMs ?? now));
  }

  /** The session has left Up: logs and does what follows from it. */
  private lost(
    name: string,
    move: BfdMove,
    brake: BrakeReason | undefined,
    wasUpForMs: number,
  ): void {
    const text = lossText(move);
    const ignored = reasonToIgnore(move, brake, wasUpForMs);
    if (brake !== undefined) this.braked(name, brake);
    if (ignored !== undefined) return this.tell(name, 'down', `${text}; ${ignored}`);
    this.tell(name, 'down', text);
    for (const peer of this.options.peers) if (peer.name === name) peer.bfdDown(text);
  }

  private braked(peer: string, reason: BrakeReason): void {
    const now = this.options.clock.monotonic();
    const isNew = now - this.brakeAtMs > oneBrakeMs;
    this.brakeAtMs = now;
    const applied = (this.brake?.applied ?? 0) + (isNew ? 1 : 0);
    this.brake = { reason, last_applied: this.wallNow(), applied };
    if (!isNew) return;
    const text =
      `BFD lost ${peer}, but ${brakeTexts[reason]}: ` +
      'BFD ends no session for now, and the hold timers decide';
    this.options.events.emit({ event: 'brake', reason, text });
  }

  private tell(peer: string, state: 'up' | 'down', text: string): void {
    this.options.events.emit({ event: 'bfd', peer, state, text });
  }

  private wallNow(): string {
    return timestamp(this.options.clock.wall());
  }
}

const brakeTexts: Readonly<Record<BrakeReason, string>> = {
  share: 'many sessions are being lost together, which looks like a fault of our own',
  carrier: 'an interface of this host lost its carrier',
  stall: 'this host was stalled for a while and could not receive packets',
};

function lossText({ by, remoteState, silentMs }: BfdMove): string {
  if (by === 'timeout') return `BFD: no packet for ${Math.round(silentMs)} ms`;
  if (by === 'operator') return 'BFD: switched off here';
  return remoteState === 'admin_down'
    ? 'BFD: switched off by the peer'
    : 'BFD: the peer reports that it no longer receives our packets';
}

/**
 * Returns `undefined` if the peer is lost. An end that switches BFD off says nothing about BGP (RFC 5882 §3.2).
 */
function reasonToIgnore(
  { by, remoteState }: BfdMove,
  brake: BrakeReason | undefined,
  wasUpForMs: number,
): string | undefined {
  if (by === 'operator' || remoteState === 'admin_down') return 'the BGP session stays up';
  if (brake !== undefined) return `ignored, because ${brakeTexts[brake]}`;
  if (wasUpForMs < trustedAfterMs) {
    return `ignored, because BFD had been up for only ${Math.round(wasUpForMs / 1000)} s`;
  }
  return undefined;
}

const startBfdThread: StartThread<BfdRequest, BfdReport> = (handlers) =>
  startThreadBeside(import.meta.url, 'bfd-thread', handlers);
