import type { BmpView } from '#api/views/bmp.ts';
import { PeerType } from '#bmp/constants.ts';
import { type PeerDown, writeStatistics } from '#bmp/messages.ts';
import type { BmpConfig, Config } from '#config/config.ts';
import type { PeerId } from '#policy/ids.ts';
import type { RouteMonitor } from '#rib/rib-events.ts';
import type { Rib } from '#rib/rib.ts';
import type { Negotiated } from '#session/negotiate.ts';
import type { Family } from '#wire/constants.ts';
import type { OctetWriter } from '#wire/octet-writer.ts';
import type { ConfigFollower } from '../config-follower.ts';
import { BmpCollector, type BmpCollectorParts } from './bmp-collector.ts';
import { type CountedPeer, locRibStatistics, statisticsOf } from './bmp-statistics.ts';
import { locRibPeer } from './loc-rib-peer.ts';
import type { MonitoredSession } from './monitored-session.ts';

export interface BmpParts extends Pick<
  BmpCollectorParts,
  'clock' | 'events' | 'view' | 'system' | 'connect'
> {
  readonly rib: Pick<Rib, 'setMonitor'>;
  readonly peers: { withId(id: PeerId): CountedPeer | undefined };
}

/** An end of a session's connection. */
interface End {
  readonly address: Uint8Array;
  readonly port: number;
}

/** A session that has just been established. */
export interface NewSession {
  readonly ribId: PeerId;
  /** What the operator calls the peer. */
  readonly name: string;
  readonly negotiated: Negotiated;
  readonly local: End;
  readonly remote: End;
  /** Routes of the session before are kept, and may never be announced again. */
  readonly hasRoutes: boolean;
}

/**
 * BMP (RFC 7854, RFC 8671, RFC 9069): tells collectors of sessions and routes. It keeps what both OPENs of each session
 * were; all else is read from the RIB. While no collector is connected, the RIB tells it nothing.
 */
export class Bmp implements ConfigFollower {
  private readonly parts: BmpParts;
  private readonly sessions = new Map<PeerId, MonitoredSession>();
  private config: Pick<Config, 'bmp' | 'routerId' | 'localAs'>;
  private collectors: readonly BmpCollector[] = [];
  private hasStarted = false;

  constructor(config: Config, parts: BmpParts) {
    this.parts = parts;
    this.config = config;
  }

  start(): void {
    this.hasStarted = true;
    this.collectors = this.config.bmp.map((collector) => this.begin(collector));
  }

  applyConfig(config: Config): void {
    const { bmp, routerId, localAs } = config;
    const isOther = routerId !== this.config.routerId || localAs !== this.config.localAs;
    this.config = { bmp, routerId, localAs };
    if (!this.hasStarted) return;
    const kept = isOther
      ? []
      : this.collectors.filter((it) => bmp.some((wanted) => isSame(it.config, wanted)));
    for (const collector of this.collectors) {
      const isGone = !bmp.some(({ name }) => name === collector.config.name);
      if (!kept.includes(collector)) void collector.stop(isGone);
    }
    this.collectors = bmp.map(
      (wanted) => kept.find((it) => isSame(it.config, wanted)) ?? this.begin(wanted),
    );
    this.follow();
  }

  /** Resolves when each collector has been notified, or a second has passed. */
  async stop(): Promise<void> {
    await Promise.all(this.collectors.map((collector) => collector.stop(false)));
  }

  view(): BmpView {
    return { items: this.collectors.map((collector) => collector.view()) };
  }

  /** Whether each collector is connected, by name. */
  *connected(): Generator<readonly [name: string, isConnected: boolean]> {
    for (const { config, isConnected } of this.collectors) yield [config.name, isConnected];
  }

  sessionUp({ ribId, name, negotiated, local, remote, hasRoutes }: NewSession): void {
    const { peerAs, peerRouterId, sentOpen, receivedOpen } = negotiated;
    const session: MonitoredSession = {
      ribId,
      peer: {
        type: PeerType.globalInstance,
        address: remote.address,
        peerAs,
        routerId: peerRouterId,
      },
      up: {
        localAddress: local.address,
        localPort: local.port,
        remotePort: remote.port,
        sentOpen,
        receivedOpen,
        adminLabel: name,
      },
      upWallMs: this.parts.clock.wall(),
      asnBytes: negotiated.asnBytes,
      families: negotiated.families,
      addPathReceive: negotiated.addPathReceive,
      addPathSend: negotiated.addPathSend,
    };
    this.sessions.set(ribId, session);
    this.each((feed) => {
      feed.peerUp(session);
      if (hasRoutes) feed.sendAgain(session);
    });
  }

  sessionDown(ribId: PeerId, end: PeerDown): void {
    const session = this.sessions.get(ribId);
    if (session === undefined) return;
    session.end = end;
    this.sessions.delete(ribId);
    this.each((feed) => feed.peerDown(session));
  }

  endOfRib(ribId: PeerId, family: Family): void {
    const session = this.sessions.get(ribId);
    if (session !== undefined) this.each((feed) => feed.endOfRib(session, family));
  }

  /** The peer has been sent these UPDATEs; the bytes are never changed. */
  updatesSent(ribId: PeerId, bytes: Uint8Array): void {
    for (const collector of this.collectors) {
      if (collector.feed === undefined) continue;
      const session = this.sessions.get(ribId);
      if (session !== undefined) collector.feed.updatesSent(session, bytes);
      collector.wake();
    }
  }

  private begin(config: BmpConfig): BmpCollector {
    const { rib: _rib, peers: _peers, ...parts } = this.parts;
    const collector = new BmpCollector(config, {
      ...parts,
      sessions: this.sessions,
      locRib: locRibPeer(this.config),
      statistics: (out) => this.writeStatistics(config, out),
      feedChanged: () => this.follow(),
    });
    collector.start();
    return collector;
  }

  private each(action: (feed: NonNullable<BmpCollector['feed']>) => void): void {
    for (const collector of this.collectors) {
      if (collector.feed === undefined) continue;
      action(collector.feed);
      collector.wake();
    }
  }

  /** The RIB tells those that are connected, and nobody while there are none. */
  private follow(): void {
    const connected = this.collectors.filter(({ isConnected }) => isConnected);
    this.parts.rib.setMonitor(connected.length === 0 ? undefined : monitorOf(connected));
  }

  private writeStatistics({ monitor }: BmpConfig, out: OctetWriter): void {
    const { peers, view, clock } = this.parts;
    const wallMs = clock.wall();
    for (const session of this.sessions.values()) {
      const peer = peers.withId(session.ribId);
      if (peer === undefined) continue;
      const header = { peer: session.peer, flags: 0, wallMs };
      writeStatistics(out, header, statisticsOf(session, peer, view));
    }
    if (!monitor.includes('loc_rib')) return;
    const header = { peer: locRibPeer(this.config).peer, flags: 0, wallMs };
    writeStatistics(out, header, locRibStatistics(view));
  }
}

function isSame(a: BmpConfig, b: BmpConfig): boolean {
  return (
    a.name === b.name &&
    a.endpoint.text === b.endpoint.text &&
    a.statisticsMs === b.statisticsMs &&
    a.monitor.join() === b.monitor.join()
  );
}

function monitorOf(collectors: readonly BmpCollector[]): RouteMonitor {
  const wake = (): void => {
    for (const collector of collectors) collector.wake();
  };
  return {
    received(family, path) {
      for (const { feed } of collectors) feed?.changes.received(family, path);
      wake();
    },
    accepted(family, path, was) {
      for (const { feed } of collectors) feed?.changes.accepted(family, path, was);
      wake();
    },
    gone(family, path) {
      for (const { feed } of collectors) feed?.changes.gone(family, path);
      wake();
    },
    best(family, prefix, to) {
      for (const { feed } of collectors) feed?.changes.best(family, prefix, to);
      wake();
    },
  };
}
