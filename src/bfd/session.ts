import type { BfdDiagnostic, BfdPacket, BfdState } from './packet.ts';

/** Our terms for a session. */
export interface BfdTerms {
  /** The interval at which we are ready to send, in milliseconds; may be fractional. */
  readonly minTxMs: number;
  /** The interval at which we are ready to receive, in milliseconds. */
  readonly minRxMs: number;
  /** How many packets in a row the other end may miss, 1..255. */
  readonly multiplier: number;
}

/** What made a session change its state. */
export type BfdMover = 'timeout' | 'peer' | 'operator';

/** A change of state. */
export interface BfdMove {
  readonly from: BfdState;
  readonly to: BfdState;
  readonly by: BfdMover;
  readonly diagnostic: BfdDiagnostic;
  /** The remote state in the last packet. */
  readonly remoteState: BfdState;
  /** How long the other end had been silent, in milliseconds. */
  readonly silentMs: number;
}

/** What a session needs of its owner. */
export interface BfdHost {
  send(packet: BfdPacket): void;
  moved(move: BfdMove, now: number): void;
}

/** "MUST be set to a value of not less than one second" while the session is not Up (RFC 5880 §6.8.3). */
const slowMs = 1000;

/**
 * One session in asynchronous mode, taking the active role (RFC 5880 §6.8). It never requests demand mode or
 * echo packets, and serves an end that requests demand mode. Times are milliseconds of one monotonic clock.
 */
export class BfdSession {
  readonly discriminator: number;
  state: BfdState = 'down';
  diagnostic: BfdDiagnostic = 'none';
  remoteState: BfdState = 'down';
  remoteDiscriminator = 0;
  /** How often the session has left Up. */
  downs = 0;
  /** When the last packet arrived; -Infinity before the first. */
  heardMs = -Infinity;
  private terms: BfdTerms;
  private readonly host: BfdHost;
  private readonly random: () => number;
  private readonly remote = { minRxMs: 0.001, desiredTxMs: 0, multiplier: 0, demand: false };
  /** The values in force until a Poll Sequence has ended (RFC 5880 §6.8.3). */
  private appliedTxMs: number;
  private appliedRxMs: number;
  private poll: 'none' | 'sent' | 'again' = 'none';
  private sendDeadline: number;
  private detectionDeadline = Infinity;

  /** `random` returns a number of at least 0 and below 1. The first packet is due at once. */
  constructor(
    discriminator: number,
    terms: BfdTerms,
    host: BfdHost,
    random: () => number,
    now: number,
  ) {
    this.discriminator = discriminator;
    this.terms = terms;
    this.host = host;
    this.random = random;
    this.appliedTxMs = this.desiredTxMs;
    this.appliedRxMs = terms.minRxMs;
    this.sendDeadline = now;
  }

  /** Returns the interval between our packets before jitter. */
  get txMs(): number {
    return Math.max(this.appliedTxMs, this.remote.minRxMs);
  }

  /** Returns the interval between packets that the other end has promised; 0 before the first. */
  get rxMs(): number {
    return this.remote.multiplier === 0 ? 0 : Math.max(this.appliedRxMs, this.remote.desiredTxMs);
  }

  /** Returns how long the other end may be silent (RFC 5880 §6.8.4); 0 before its first packet. */
  get detectMs(): number {
    return this.remote.multiplier * this.rxMs;
  }

  /** Returns how late our packet may be before the other end's detection time expires (RFC 5880 §6.8.4). */
  get toleranceMs(): number {
    return (this.terms.multiplier - 1) * this.txMs;
  }

  /** Processes a packet whose Your Discriminator, if it has one, is ours. */
  receive(packet: BfdPacket, now: number): void {
    const silentMs = now - this.heardMs;
    this.heardMs = now;
    this.remoteDiscriminator = packet.myDiscriminator;
    this.remoteState = packet.state;
    this.remote.demand = packet.demand;
    this.remote.minRxMs = packet.requiredMinRxUs / 1000;
    this.remote.desiredTxMs = packet.desiredMinTxUs / 1000;
    this.remote.multiplier = packet.multiplier;
    if (packet.final) this.endPoll(now);
    this.detectionDeadline = now + this.detectMs;
    if (this.state === 'admin_down') return;
    this.judge(packet.state, silentMs, now);
    if (packet.poll) this.host.send(this.packet({ final: true }));
    this.sendBy(now + this.jittered());
  }

  /** Sets new terms; a session that is Up agrees on them by a Poll Sequence. */
  change(terms: BfdTerms, now: number): void {
    this.terms = terms;
    this.applyTerms();
    this.sendBy(now);
  }

  /** Enters or leaves AdminDown (RFC 5880 §6.8.16). The other end is notified at once. */
  setAdminDown(isDown: boolean, now: number): void {
    if (isDown === (this.state === 'admin_down')) return;
    const diagnostic = isDown ? 'administratively_down' : 'none';
    this.moveTo(isDown ? 'admin_down' : 'down', 'operator', diagnostic, now - this.heardMs, now);
  }

  /** Sends one packet now, unless the other end wants no periodic packets. */
  repeat(): void {
    if (this.maySendPeriodically) this.host.send(this.packet({ final: false }));
  }

  tick(now: number): void {
    if (now >= this.detectionDeadline) this.detect(now);
    if (now < this.sendDeadline) return;
    this.repeat();
    this.sendDeadline = now + this.jittered();
  }

  /** Returns when `tick` is to be called next. */
  nextDeadline(): number {
    return Math.min(this.sendDeadline, this.detectionDeadline);
  }

  /** Extends the detection time, because this process was stalled for `lateMs` and could not hear the other end. */
  forgive(lateMs: number): void {
    this.detectionDeadline += lateMs;
  }

  private get desiredTxMs(): number {
    return this.state === 'up' ? this.terms.minTxMs : Math.max(slowMs, this.terms.minTxMs);
  }

  /**
   * RFC 5880 §6.8.7: nothing is sent to an end that wants no packets, nor to one in demand mode while both are
   * Up.
   */
  private get maySendPeriodically(): boolean {
    if (this.remote.minRxMs === 0) return false;
    const areUp = this.state === 'up' && this.remoteState === 'up';
    return !this.remote.demand || !areUp || this.poll !== 'none';
  }

  /** Follows RFC 5880 §6.8.6 from "If the Received State is AdminDown" on. */
  private judge(received: BfdState, silentMs: number, now: number): void {
    const next = nextState(this.state, received);
    if (next === this.state) return;
    const diagnostic = next === 'down' ? 'neighbor_signaled_session_down' : this.diagnostic;
    this.moveTo(next, 'peer', next === 'up' ? 'none' : diagnostic, silentMs, now);
  }

  /** The detection time has passed without a packet (RFC 5880 §6.8.1, §6.8.4). */
  private detect(now: number): void {
    this.detectionDeadline = Infinity;
    this.remoteDiscriminator = 0;
    if (this.state !== 'init' && this.state !== 'up') return;
    const silentMs = now - this.heardMs;
    this.moveTo('down', 'timeout', 'control_detection_time_expired', silentMs, now);
  }

  private moveTo(
    to: BfdState,
    by: BfdMover,
    diagnostic: BfdDiagnostic,
    silentMs: number,
    now: number,
  ): void {
    const from = this.state;
    this.state = to;
    this.diagnostic = diagnostic;
    if (from === 'up') this.downs++;
    if (to !== 'up') this.poll = 'none';
    this.applyTerms();
    this.repeat();
    this.sendDeadline = now + this.jittered();
    const { remoteState } = this;
    this.host.moved({ from, to, by, diagnostic, remoteState, silentMs }, now);
  }

  /**
   * While Up, a longer interval between our packets, or a shorter one between those of the other end, takes effect only
   * when a Poll Sequence has ended; otherwise an end would miss packets that were not promised yet.
   */
  private applyTerms(): void {
    const { desiredTxMs, state } = this;
    const { minRxMs } = this.terms;
    const isUp = state === 'up';
    const isNew = desiredTxMs !== this.appliedTxMs || minRxMs !== this.appliedRxMs;
    if (isUp && isNew) this.poll = this.poll === 'none' ? 'sent' : 'again';
    this.appliedTxMs = isUp ? Math.min(desiredTxMs, this.appliedTxMs) : desiredTxMs;
    this.appliedRxMs = isUp ? Math.max(minRxMs, this.appliedRxMs) : minRxMs;
  }

  private endPoll(now: number): void {
    if (this.poll === 'none') return;
    this.poll = this.poll === 'again' ? 'sent' : 'none';
    if (this.poll !== 'none') return this.sendBy(now);
    this.appliedTxMs = this.desiredTxMs;
    this.appliedRxMs = this.terms.minRxMs;
  }

  /** Sends the next packet at `deadline` at the latest, so that a shorter interval takes effect at once. */
  private sendBy(deadline: number): void {
    this.sendDeadline = Math.min(this.sendDeadline, deadline);
  }

  /** RFC 5880 §6.8.7: returns 75 to 100 percent of the interval, or to 90 percent if the multiplier is 1. */
  private jittered(): number {
    const span = this.terms.multiplier === 1 ? 0.15 : 0.25;
    return this.txMs * (0.75 + span * this.random());
  }

  private packet({ final }: { readonly final: boolean }): BfdPacket {
    return {
      state: this.state,
      diagnostic: this.diagnostic,
      poll: !final && this.poll !== 'none',
      final,
      demand: false,
      multiplier: this.terms.multiplier,
      myDiscriminator: this.discriminator,
      yourDiscriminator: this.remoteDiscriminator,
      desiredMinTxUs: Math.round(this.desiredTxMs * 1000),
      requiredMinRxUs: Math.round(this.terms.minRxMs * 1000),
    };
  }
}

/** Returns the next state (RFC 5880 §6.2). It is never called while we are in AdminDown. */
export function nextState(local: BfdState, received: BfdState): BfdState {
  if (received === 'admin_down') return 'down';
  switch (local) {
    case 'down':
      return received === 'down' ? 'init' : received === 'init' ? 'up' : 'down';
    case 'init':
      return received === 'down' ? 'init' : 'up';
    case 'up':
      return received === 'down' ? 'down' : 'up';
    default:
      return local;
  }
}
