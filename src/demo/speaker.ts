import type { Clock } from '#clock.ts';
import type { DialOptions } from '#net/dial.ts';
import { PeerConnections } from '#net/peer-connections.ts';
import { PeerTimer } from '#net/peer-timer.ts';
import { LoopTurns } from '#net/turns.ts';
import type { PeerHost } from '#session/host.ts';
import type { Negotiated } from '#session/negotiate.ts';
import { Peer } from '#session/peer.ts';
import type { SessionSettings } from '#session/settings.ts';
import { parseAddress, parseRouterId } from '#text/address.ts';
import { Family } from '#wire/constants.ts';
import type { Update } from '#wire/update.ts';
import { localAs, type RouterPlan, routeServer } from './plan.ts';

/** The callbacks of a speaker's one session. */
export interface SpeakerOwner {
  established(negotiated: Negotiated): void;
  down(): void;
  /** `update` is scratch memory, valid during the call. */
  update(update: Update): void;
}

export interface SpeakerOptions {
  readonly plan: RouterPlan;
  readonly localAs: number;
  readonly holdTimeSec: number;
  /** The port on which the route server listens. */
  readonly port: number;
  readonly clock: Clock;
}

/** One BGP session with the route server; it tries to connect until the route server answers. */
export class Speaker implements PeerHost {
  private readonly session: Peer;
  private readonly connections: PeerConnections;
  private readonly timer: PeerTimer;
  private readonly options: SpeakerOptions;
  private readonly owner: SpeakerOwner;

  constructor(options: SpeakerOptions, owner: SpeakerOwner) {
    const { clock } = options;
    this.options = options;
    this.owner = owner;
    this.session = new Peer(sessionSettings(options), this, Math.random);
    this.timer = new PeerTimer([this.session], clock);
    this.connections = new PeerConnections(this.session, {
      clock,
      turns: new LoopTurns(clock),
      wake: () => this.timer.touch(this.session),
      lagging: () => undefined,
      internalError: (error) => this.internalError(error),
    });
  }

  start(): void {
    this.session.start(this.now());
    this.timer.touch(this.session);
  }

  /** Sends a Cease; resolves when it has been sent. */
  async stop(): Promise<void> {
    const gone = this.connections.gone();
    this.session.stop(this.now(), { kind: 'shutdown' });
    this.timer.stop();
    await gone;
  }

  /** Sends whole UPDATE messages, `count` of them. */
  send(updates: Uint8Array, count: number): void {
    this.session.send(updates, count, this.now());
  }

  dial(): void {
    this.connections.dial(dialOptions(this.options));
  }

  cancelDial(): void {
    this.connections.cancelDial();
  }

  established(negotiated: Negotiated): void {
    this.owner.established(negotiated);
  }

  down(): void {
    this.owner.down();
  }

  update(update: Update): void {
    this.owner.update(update);
  }

  /** For a bug in the program: the process ends, and the demo shows why. */
  internalError(error: unknown): void {
    throw error;
  }

  stale(): void {}

  familyDisabled(): void {}

  routeRefresh(): void {}

  stateChanged(): void {}

  notification(): void {}

  timerJudged(): void {}

  warning(): void {}

  private now(): number {
    return this.options.clock.monotonic();
  }
}

/** A lost session is opened again after one second, because a viewer of the demo does not wait a minute. */
const retryMs = 1000;

function sessionSettings(options: SpeakerOptions): SessionSettings {
  return {
    routerId: parseRouterId(options.plan.routerId),
    localAs: options.localAs,
    peerAs: { kind: 'list', asns: [localAs.routeServer] },
    passive: false,
    holdTimeSec: options.holdTimeSec,
    minHoldTimeSec: 3,
    connectRetryMs: retryMs,
    idleHoldMs: retryMs,
    idleHoldMaxMs: retryMs,
    sendHoldTimeMs: 480_000,
    refreshStaleTimeMs: 600_000,
    families: [Family.ipv6Unicast],
    addPath: { receive: false, send: false },
    gracefulRestart: { kind: 'notify_only' },
  };
}

function dialOptions({ plan, port }: SpeakerOptions): DialOptions {
  return {
    remote: { address: parseAddress(routeServer.address), port },
    source: parseAddress(plan.address),
    timeoutMs: retryMs,
    ttl: 1,
  };
}
