import type { Config } from '#config/config.ts';
import type { RibView } from '#rib/view.ts';
import { families } from '#wire/constants.ts';
import type { EventBus } from '../event-bus.ts';
import type { RunningPeer } from './running-peer.ts';

/** `max_paths`: when the RIB has more paths than this, the peer that exceeds its own limits most is disconnected. */
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

/** The paths of one peer. */
interface Load {
  readonly peer: RunningPeer;
  readonly paths: number;
  /** How many its own limits allow, 0 without any. */
  readonly expected: number;
}

/**
 * Returns the peer to disconnect: the one with most paths beyond its own `max_prefix_received` (if configured), or else
 * `max_prefix`. So a peer with a big table and a limit to match stays, and one that was expected to send little and
 * sends a lot is disconnected, whoever sent the last path. Walks all paths.
 */
function heaviest(rib: RibView, peers: Iterable<RunningPeer>): Load | undefined {
  const paths = rib.heldPathsByPeer();
  const loads = [...peers]
    .filter((peer) => !isLeaving(rib, peer))
    .map((peer) => ({ peer, paths: paths.get(peer.ribId) ?? 0, expected: expectedOf(peer) }));
  return loads.filter((load) => load.paths > 0).toSorted((a, b) => excessOf(b) - excessOf(a))[0];
}

/** Returns whether paths are already being removed; an excess of an eighth above `max_paths` waits for nothing. */
function isMakingRoom(rib: RibView, peers: Iterable<RunningPeer>, maxPaths: number): boolean {
  return rib.heldPaths < maxPaths * 1.125 && [...peers].some((peer) => isLeaving(rib, peer));
}

/** Returns whether its session has ended and nothing of it is kept. */
function isLeaving(rib: RibView, { ribId, isUp, session }: RunningPeer): boolean {
  const { counts } = rib.peer(ribId);
  if (counts.some((it) => it.isLeaving)) return true;
  const isSwept = !isUp && session.gracefulRestart.stale.length === 0;
  return isSwept && counts.some(({ received }) => received > 0);
}

function excessOf({ paths, expected }: Load): number {
  return paths - expected;
}

/** Both families together. Limits count prefixes, so a peer that sends many paths of one prefix exceeds them. */
function expectedOf({ config }: RunningPeer): number {
  const limits = families.map(({ family }) => {
    const received = config.maxPrefixReceived[family];
    return received?.isDefault === true ? config.maxPrefix[family] : received;
  });
  return limits.reduce((sum, limit) => sum + (limit?.limit ?? 0), 0);
}
