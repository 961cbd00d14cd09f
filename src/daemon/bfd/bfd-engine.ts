import { BfdBrake, type BrakeReason, type BrakeTerms } from '#bfd/brake.ts';
import { decodeBfdPacket, encodeBfdPacket } from '#bfd/packet.ts';
import { type BfdMove, BfdSession } from '#bfd/session.ts';
import type { Cancel, Clock } from '#clock.ts';
import { SocketError } from '#os/libc.ts';
import type { BfdHeard, BfdReport, BfdRequest, BfdSessionSettings } from './bfd-messages.ts';
import { type BfdEars, bfdPortOf, type BfdReceived, type openMouth } from './bfd-sockets.ts';

/**
 * A timer that is later than this means that our process stood still, so the other ends could not be heard meanwhile.
 */
const stallMs = 50;
/** How often the carrier of the interfaces is checked. */
const carrierEveryMs = 1000;
/** How often a session that ends sends AdminDown. */
const lastWords = 3;
/** How often opening a socket is tried again. */
const retryEveryMs = 1000;

/** What the engine needs of the machine. */
export interface BfdEngineParts {
  readonly clock: Clock;
  /** At least 0 and below 1, unpredictable. */
  readonly random: () => number;
  /** The interfaces that have a carrier now. */
  readonly carriers: () => ReadonlySet<string>;
  /** The sockets that receive; they hand over what the filters let through. */
  readonly openEars: (received: BfdReceived) => Pick<BfdEars, 'serve' | 'hasUnread' | 'close'>;
  /** The socket from which one session sends. Throws SocketError. */
  readonly openMouth: (...given: Parameters<typeof openMouth>) => BfdMouth;
  readonly report: (report: BfdReport) => void;
}

type BfdMouth = Pick<ReturnType<typeof openMouth>, 'send' | 'close'>;

interface Running {
  readonly session: BfdSession;
  settings: BfdSessionSettings;
  mouth: BfdMouth | undefined;
  heard: BfdHeard;
}

/** Runs all sessions: sockets, one timer, and the brake. It runs in a thread of its own. */
export class BfdEngine {
  private readonly parts: BfdEngineParts;
  private readonly clock: Clock;
  private readonly ears: Pick<BfdEars, 'serve' | 'hasUnread' | 'close'>;
  private readonly byPeer = new Map<string, Running>();
  private readonly byDiscriminator = new Map<number, Running>();
  private readonly byAddress = new Map<string, Running>();
  private readonly brake = new BfdBrake({ maxShare: 1, withinMs: 0, atLeast: Infinity });
  private carriers: ReadonlySet<string>;
  private wanted: readonly BfdSessionSettings[] = [];
  private failures = new Set<string>();
  private dueMs = Infinity;
  private cancelTick: Cancel = () => {};
  private readonly cancels: readonly Cancel[];

  constructor(parts: BfdEngineParts) {
    const { clock, carriers, openEars } = parts;
    this.parts = parts;
    this.clock = clock;
    this.carriers = carriers();
    this.ears = openEars((...received) => this.heard(...received));
    this.cancels = [
      clock.every(carrierEveryMs, () => this.lookAtCarriers(this.stillUp())),
      clock.every(retryEveryMs, () => this.retry()),
    ];
  }

  handle(request: BfdRequest): void {
    if (request.kind === 'stop') this.stop();
    else this.configure(request.sessions, request.brake);
  }

  private configure(wanted: readonly BfdSessionSettings[], brake: BrakeTerms): void {
    this.wanted = wanted;
    this.brake.change(brake);
    const names = new Set(wanted.map(({ peer }) => peer));
    for (const [peer, running] of this.byPeer) if (!names.has(peer)) this.end(running);
    for (const settings of wanted) this.ensure(settings);
    this.openSockets();
    this.arm();
  }

  private ensure(settings: BfdSessionSettings): void {
    const now = this.clock.monotonic();
    const running = this.byPeer.get(settings.peer);
    if (running !== undefined && !isElsewhere(running.settings, settings)) {
      running.settings = settings;
      running.session.change(settings.terms, now);
      running.session.setAdminDown(settings.isAdminDown, now);
      return;
    }
    if (running !== undefined) this.end(running);
    this.begin(settings, now);
  }

  private begin(settings: BfdSessionSettings, now: number): void {
    const discriminator = this.freeDiscriminator();
    const session = new BfdSession(
      discriminator,
      settings.terms,
      {
        send: (packet) =>
          running.mouth?.send(
            encodeBfdPacket(packet),
            bfdPortOf(running.settings),
            running.settings.addressText,
          ),
        moved: (move) => this.moved(running, move),
      },
      this.parts.random,
      now,
    );
    const running: Running = { session, settings, mouth: undefined, heard: heardOf(session) };
    this.byPeer.set(settings.peer, running);
    this.byDiscriminator.set(discriminator, running);
    this.byAddress.set(addressKey(settings.addressText, settings.isMultihop), running);
    session.setAdminDown(settings.isAdminDown, now);
  }

  /**
   * Sends AdminDown, so that the other end does not take this for a failure; more than once, since a packet may
   * be lost.
   */
  private end(running: Running): void {
    const { session, settings, mouth } = running;
    this.byPeer.delete(settings.peer);
    this.byDiscriminator.delete(session.discriminator);
    this.byAddress.delete(addressKey(settings.addressText, settings.isMultihop));
    session.setAdminDown(true, this.clock.monotonic());
    for (let copies = 1; copies < lastWords; copies++) session.repeat();
    mouth?.close();
  }

  private stop(): void {
    for (const cancel of [...this.cancels, this.cancelTick]) cancel();
    for (const running of this.byPeer.values()) this.end(running);
    this.ears.close();
  }

  private openSockets(): void {
    const failures = new Set(this.ears.serve(this.wanted));
    for (const running of this.byPeer.values()) {
      if (running.mouth !== undefined) continue;
      try {
        running.mouth = this.parts.openMouth(running.settings, this.parts.random);
      } catch (error) {
        if (!(error instanceof SocketError)) throw error;
        failures.add(`BFD cannot send to ${running.settings.peer}: ${error.message}`);
      }
    }
    for (const text of failures)
      if (!this.failures.has(text)) this.parts.report({ kind: 'failed', text });
    this.failures = failures;
  }

  private retry(): void {
    if (this.failures.size > 0) this.openSockets();
  }

  private heard(bytes: Uint8Array, from: string, isMultihop: boolean): void {
    const packet = decodeBfdPacket(bytes);
    if (packet === undefined) return;
    const byAddress = this.byAddress.get(addressKey(from, isMultihop));
    const { yourDiscriminator } = packet;
    const running =
      yourDiscriminator === 0 ? byAddress : this.byDiscriminator.get(yourDiscriminator);
    // A packet that names a session of another peer is ignored.
    if (running === undefined || running !== byAddress) return;
    running.session.receive(packet, this.clock.monotonic());
    this.tellHeard(running);
    this.wakeBy(running.session.nextDeadline());
  }

  private moved(running: Running, move: BfdMove): void {
    const { peer } = running.settings;
    const brake = this.judge(running, move);
    this.parts.report({ kind: 'moved', peer, move, ...(brake !== undefined && { brake }) });
  }

  /** Whether a session that left Up is to end its BGP session is decided at once: there is no time to wait. */
  private judge({ session }: Running, { from, by, remoteState }: BfdMove): BrakeReason | undefined {
    if (from !== 'up' || by === 'operator' || remoteState === 'admin_down') return undefined;
    this.lookAtCarriers([session, ...this.stillUp()]);
    return this.brake.judge(this.stillUp(), this.clock.monotonic());
  }

  /**
   * A carrier that has been lost since the last check is reported to the brake, whoever checks first, because all
   * sessions that are waiting may be lost for that reason.
   */
  private lookAtCarriers(waiting: Iterable<BfdSession>): void {
    const has = this.parts.carriers();
    const isLost = [...this.carriers].some((name) => !has.has(name));
    this.carriers = has;
    if (!isLost) return;
    const longestMs = Math.max(0, ...[...waiting].map(({ detectMs }) => detectMs));
    this.brake.suspectOurselves('carrier', longestMs, this.clock.monotonic());
  }

  private *stillUp(): Generator<BfdSession> {
    for (const { session } of this.byPeer.values()) if (session.state === 'up') yield session;
  }

  /**
   * A timer that is a little late fires before the sockets are read. What has arrived is read first, so that no session
   * is lost while its packet waits; but sending is not delayed for longer than a stall is, whoever sends how much.
   */
  private due(): void {
    const isStall = this.clock.monotonic() - this.dueMs > stallMs;
    if (isStall || !this.ears.hasUnread) this.tick();
    else this.cancelTick = this.clock.soon(() => this.due());
  }

  private tick(): void {
    const now = this.clock.monotonic();
    const lateMs = now - this.dueMs;
    this.dueMs = Infinity;
    if (lateMs > stallMs) this.forgive(lateMs, now);
    for (const { session } of this.byPeer.values()) session.tick(now);
    this.arm();
  }

  /** No session is lost because of packets that could not be received meanwhile. */
  private forgive(lateMs: number, now: number): void {
    for (const { session } of this.byPeer.values()) session.forgive(lateMs);
    this.brake.wasLate(lateMs, this.stillUp(), now);
  }

  private arm(): void {
    let nextMs = Infinity;
    for (const { session } of this.byPeer.values()) {
      nextMs = Math.min(nextMs, session.nextDeadline());
    }
    this.wakeAt(nextMs);
  }

  /**
   * A packet usually moves the deadline of its session further away: the tick that is then too early examines
   * all sessions.
   */
  private wakeBy(nextMs: number): void {
    if (nextMs < this.dueMs) this.wakeAt(nextMs);
  }

  private wakeAt(nextMs: number): void {
    if (nextMs === this.dueMs) return;
    this.cancelTick();
    this.dueMs = nextMs;
    if (nextMs !== Infinity) this.cancelTick = this.clock.at(nextMs, () => this.due());
  }

  private tellHeard(running: Running): void {
    const heard = heardOf(running.session);
    const isSame = Object.entries(heard).every(
      ([key, value]) => running.heard[key as keyof BfdHeard] === value,
    );
    if (isSame) return;
    running.heard = heard;
    this.parts.report({ kind: 'heard', peer: running.settings.peer, heard });
  }

  /**
   * Unpredictable, so that an attacker who does not see our packets cannot name a session (RFC 5880 §6.8.1).
   */
  private freeDiscriminator(): number {
    for (;;) {
      const number = Math.floor(this.parts.random() * 0xffff_fffe) + 1;
      if (!this.byDiscriminator.has(number)) return number;
    }
  }
}

function heardOf({ remoteState, txMs, rxMs, detectMs }: BfdSession): BfdHeard {
  return { remoteState, txMs, rxMs, detectMs };
}

function addressKey(address: string, isMultihop: boolean): string {
  return `${address} ${isMultihop ? 'multihop' : 'single hop'}`;
}

/** Returns whether packets have a different source or destination, which makes it another session. */
function isElsewhere(one: BfdSessionSettings, other: BfdSessionSettings): boolean {
  return (
    one.addressText !== other.addressText ||
    one.isMultihop !== other.isMultihop ||
    one.interface !== other.interface ||
    one.localAddress?.join() !== other.localAddress?.join()
  );
}
