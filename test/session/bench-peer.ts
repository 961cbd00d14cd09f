import type { Direction } from '#session/collision.ts';
import type { State } from '#session/fsm.ts';
import type { PeerHost, RouteRefreshSubtype, SessionDown, StaleEvent } from '#session/host.ts';
import { buildOpen } from '#session/our-open.ts';
import { Peer, type SessionHandle } from '#session/peer.ts';
import type { GracefulRestartSettings, SessionSettings } from '#session/settings.ts';
import type { Capability } from '#wire/capability.ts';
import type { Family } from '#wire/constants.ts';
import { encodeMessage } from '#wire/header.ts';
import { encodeKeepalive } from '#wire/message.ts';
import { encodeNotification, type NotificationError } from '#wire/notification.ts';
import { encodeOpen } from '#wire/open.ts';
import type { Update } from '#wire/update.ts';
import { FakeConnection } from './fake-connection.ts';
import { nodeSettings, settingsOf } from './settings.ts';

/** One peer under test, whose clock the test controls; the other side is written message by message. */
export class BenchPeer implements PeerHost {
  readonly peer: Peer;
  now = 100_000;
  /** The calls to the host, one line each; `take` empties the list. */
  readonly log: string[] = [];
  onUpdate: (update: Update) => void = () => undefined;
  readonly lateness: { timer: string; latenessMs: number }[] = [];

  constructor(changes: Partial<SessionSettings> = {}) {
    // With the largest jitter a timer runs for just under its full time.
    this.peer = new Peer(settingsOf(changes), this, () => 1);
  }

  /** Advances the clock, with a tick whenever the peer requests one. */
  advance(ms: number): void {
    const until = this.now + ms;
    while (this.peer.nextDeadline() <= until) {
      this.now = Math.max(this.now, this.peer.nextDeadline());
      this.peer.tick(this.now);
    }
    this.now = until;
  }

  start(): this {
    this.peer.start(this.now);
    return this;
  }

  /** A connection from the peer, or the result of our own attempt. */
  connect(direction: Direction = 'incoming'): Remote {
    const connection = new FakeConnection(direction);
    return new Remote(this, connection, this.peer.connected(connection, this.now));
  }

  /** Establishes a session over a new connection. */
  establish(direction: Direction = 'incoming'): Remote {
    const remote = this.connect(direction);
    remote.open();
    remote.keepalive();
    return remote;
  }

  take(): string[] {
    return this.log.splice(0);
  }

  dial(): void {
    this.log.push('dial');
  }
  cancelDial(): void {
    this.log.push('cancel dial');
  }
  established(): void {
    this.log.push('up');
  }
  down(down: SessionDown, kept: readonly boolean[]): void {
    this.log.push(`down ${down.kind}: ${down.text}`);
    kept.forEach((isKept, family) => isKept && this.log.push(`kept ${family}`));
  }
  stale(family: Family, event: StaleEvent): void {
    this.log.push(`stale ${family} ${event}`);
  }
  update(update: Update): void {
    this.log.push('update');
    this.onUpdate(update);
  }
  familyDisabled(family: Family, { detail }: NotificationError): void {
    this.log.push(`off ${family} ${detail}`);
  }
  routeRefresh(family: Family, subtype: RouteRefreshSubtype): void {
    this.log.push(`refresh ${family} ${subtype}`);
  }
  stateChanged(from: State, to: State): void {
    this.log.push(`${from} > ${to}`);
  }
  notification(direction: string, code: number, subcode: number): void {
    this.log.push(`${direction} ${code}/${subcode}`);
  }
  warning(text: string): void {
    this.log.push(`warning: ${text}`);
  }
  timerJudged(timer: 'keepalive' | 'hold', latenessMs: number): void {
    this.lateness.push({ timer, latenessMs });
  }
  internalError(error: unknown): void {
    this.log.push(`internal error: ${String(error)}`);
  }
}

type GracefulRestart = Extract<Capability, { readonly kind: 'gracefulRestart' }>;

/** The other end of one connection. */
export class Remote {
  readonly connection: FakeConnection;
  readonly handle: SessionHandle | undefined;
  private readonly bench: BenchPeer;

  constructor(bench: BenchPeer, connection: FakeConnection, handle: SessionHandle | undefined) {
    this.bench = bench;
    this.connection = connection;
    this.handle = handle;
  }

  send(bytes: Uint8Array): void {
    if (this.handle !== undefined) this.bench.peer.receive(this.handle, bytes, this.bench.now);
  }

  open(changes: Partial<SessionSettings> = {}): void {
    this.send(encodeOpen(buildOpen(nodeSettings(changes))));
  }

  /** The OPEN of a speaker of plain RFC 4724. */
  openWithoutNotificationBit(gracefulRestart: GracefulRestartSettings): void {
    this.openAs({ gracefulRestart }, { notification: false });
  }

  /** The OPEN of a speaker that has lost its forwarding state. */
  openWithoutForwarding(gracefulRestart: GracefulRestartSettings): void {
    const listed = buildOpen(nodeSettings({ gracefulRestart })).capabilities.find(
      (capability) => capability.kind === 'gracefulRestart',
    );
    const cleared = listed?.families.map((family) => ({ ...family, forwarding: false })) ?? [];
    this.openAs({ gracefulRestart }, { families: cleared });
  }

  private openAs(changes: Partial<SessionSettings>, said: Partial<GracefulRestart>): void {
    const open = buildOpen(nodeSettings(changes));
    const capabilities = open.capabilities.map((capability) =>
      capability.kind === 'gracefulRestart' ? { ...capability, ...said } : capability,
    );
    this.send(encodeOpen({ ...open, capabilities }));
  }

  keepalive(): void {
    this.send(encodeKeepalive());
  }

  /** An UPDATE without anything: End-of-RIB of IPv4. */
  update(): void {
    this.send(encodeMessage(2, new Uint8Array(4)));
  }

  /** An UPDATE with 10.0.0.0/8 and no attribute; its content does not matter to the session. */
  announceIpv4(): void {
    this.send(encodeMessage(2, Uint8Array.of(0, 0, 0, 0, 8, 10)));
  }

  /** An empty MP_UNREACH_NLRI of IPv6 unicast. */
  endOfRibIpv6(): void {
    this.send(encodeMessage(2, Uint8Array.of(0, 0, 0, 6, 0x80, 15, 3, 0, 2, 1)));
  }

  /** An IPv6 route with a next hop of 4 bytes. */
  spoilIpv6(): void {
    const reach = [0x80, 14, 10, 0, 2, 1, 4, 10, 0, 0, 1, 0, 0];
    this.send(encodeMessage(2, Uint8Array.of(0, 0, 0, reach.length, ...reach)));
  }

  routeRefresh(afi: number, subtype = 0): void {
    this.send(encodeMessage(5, Uint8Array.of(0, afi, subtype, 1)));
  }

  notify(code: number, subcode: number): void {
    this.send(encodeNotification({ code, subcode, data: new Uint8Array(0) }));
  }

  close(text?: string): void {
    if (this.handle !== undefined) this.bench.peer.closed(this.handle, text, this.bench.now);
  }

  readDry(): void {
    if (this.handle !== undefined) this.bench.peer.readDry(this.handle, this.bench.now);
  }

  wrote(queuedBytes: number): void {
    if (this.handle !== undefined) this.bench.peer.wrote(this.handle, queuedBytes, this.bench.now);
  }

  /** Returns what we sent and did since the last call. */
  take(): string[] {
    return this.connection.take();
  }
}
