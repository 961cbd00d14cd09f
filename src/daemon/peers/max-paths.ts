import type { Config } from '#config/config.ts';
import type { RibView } from '#rib/view.ts';
import { families } from '#wire/constants.ts';
import type { EventBus } from '../event-bus.ts';
import type { RunningPeer } from './running-peer.ts';

/** `max_paths`: whoever holds most beyond its own limits leaves when the RIB holds more than this. */
export class MaxPaths {
  private readonly rib: RibView;
  private readonly peers: Iterable<RunningPeer>;
  private readonly events: EventBus;
  private most: number;

  constructor(rib: RibView, peers: Iterable<RunningPeer>, events: EventBus, { maxPaths }: Config) {
    this.rib = rib;
    this.peers = peers;
    this.events = events;
    this.most = maxPaths;
  }

  get limit(): number {
    return this.most;
  }

  applyConfig({ maxPaths }: Config): void {
    this.most = maxPaths;
  }

  /** To be called whenever paths may have been added. */
  enforce(): void {
    if (this.rib.heldPaths > this.most) this.endHeaviest();
  }

  private endHeaviest(): void {
    const { rib, peers, most } = this;
    if (isMakingRoom(rib, peers, most)) return;
    const load = heaviest(rib, peers);
    if (load === undefined) return;
    const { peer, paths, expected } = load;
    const than =
      expected === 0 ? 'which has no limit configured' : `whose limits allow ${expected}`;
    const text = `max_paths ${most} reached: ${paths} paths come from this peer, ${than}`;
    this.events.emit({ event: 'warning', peer: peer.name, text });
    peer.endForMaxPaths();
  }
}

/** What one peer costs. */
interface Load {
  readonly peer: RunningPeer;
  readonly paths: number;
  /** What its own limits expect of it, 0 without any. */
  readonly expected: number;
}

/**
 * The peer that leaves: whoever holds most beyond its own `max_prefix_received`,
 * where it is written, or else `max_prefix`. So a peer with a big table and a limit that says so stays, and one that was
 * expected to send little and sends a lot leaves, whoever sent the last path. Walks all paths.
 */
function heaviest(rib: RibView, peers: Iterable<RunningPeer>): Load | undefined {
  const paths = rib.heldPathsByPeer();
  const loads = [...peers]
    .filter((peer) => !isLeaving(rib, peer))
    .map((peer) => ({ peer, paths: paths.get(peer.ribId) ?? 0, expected: expectedOf(peer) }));
  return loads.filter((load) => load.paths > 0).toSorted((a, b) => excessOf(b) - excessOf(a))[0];
}

/** Whether paths are being taken out already; what is an eighth above `max_paths` waits for nothing. */
function isMakingRoom(rib: RibView, peers: Iterable<RunningPeer>, maxPaths: number): boolean {
  return rib.heldPaths < maxPaths * 1.125 && [...peers].some((peer) => isLeaving(rib, peer));
}

/** Its session has ended, and nothing of it is kept. */
function isLeaving(rib: RibView, { ribId, isUp, session }: RunningPeer): boolean {
  const { counts } = rib.peer(ribId);
  if (counts.some((it) => it.isLeaving)) return true;
  const isSwept = !isUp && session.gracefulRestart.stale.length === 0;
  return isSwept && counts.some(({ received }) => received > 0);
}

function excessOf({ paths, expected }: Load): number {
  return paths - expected;
}

/** Of both families; limits count prefixes, so whoever sends many paths of one goes beyond them. */
function expectedOf({ config }: RunningPeer): number {
  const limits = families.map(({ family }) => {
    const received = config.maxPrefixReceived[family];
    return received?.isDefault === true ? config.maxPrefix[family] : received;
  });
  return limits.reduce((sum, limit) => sum + (limit?.limit ?? 0), 0);
}
