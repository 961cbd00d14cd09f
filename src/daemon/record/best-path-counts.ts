import type { Cancel, Clock } from '#clock.ts';
import { none, type PathId, type PeerId } from '#policy/ids.ts';
import type { RibView } from '#rib/view.ts';
import type { Family } from '#wire/constants.ts';
import type { Recorder } from './recorder.ts';

const everyMs = 1000;

interface BestPathCountsParts {
  readonly clock: Clock;
  readonly view: RibView;
  readonly nameOf: (id: PeerId) => string | undefined;
  readonly recorder: Pick<Recorder, 'add'>;
}

/** Changes of the best path of a prefix, as one peer sees them; `stayed` counts new attributes. */
interface Counts {
  gained: number;
  lost: number;
  stayed: number;
}

/**
 * Counts changes of best paths that are not recorded individually, by peer, and records the counts of each second in
 * which there were any. Each change costs two additions, because a full table may pass through here.
 */
export class BestPathCounts {
  private readonly parts: BestPathCountsParts;
  /** By peer; all 0 for peers that are not in `peers`. */
  private readonly counts: Counts[] = [];
  private peers: PeerId[] = [];
  private cancel: Cancel | undefined;

  constructor(parts: BestPathCountsParts) {
    this.parts = parts;
  }

  start(): void {
    this.cancel = this.parts.clock.every(everyMs, () => this.record());
  }

  stop(): void {
    this.cancel?.();
    this.record();
  }

  /** A best path has changed; both paths can still be read. */
  add(family: Family, from: PathId, to: PathId): void {
    const view = this.parts.view.families[family];
    const before = from === none ? none : view.peerOf(from);
    const after = to === none ? none : view.peerOf(to);
    if (before === after) {
      if (after !== none) this.countsOf(after).stayed++;
      return;
    }
    if (before !== none) this.countsOf(before).lost++;
    if (after !== none) this.countsOf(after).gained++;
  }

  private countsOf(peer: PeerId): Counts {
    while (this.counts.length <= peer) this.counts.push({ gained: 0, lost: 0, stayed: 0 });
    const counts = this.counts[peer];
    if (changesIn(counts) === 0) this.peers.push(peer);
    return counts;
  }

  private record(): void {
    const { peers } = this;
    this.peers = [];
    for (const id of peers) this.recordPeer(id);
  }

  private recordPeer(id: PeerId): void {
    const counts = this.counts[id];
    const { gained, lost, stayed } = counts;
    const changes = changesIn(counts);
    Object.assign(counts, { gained: 0, lost: 0, stayed: 0 });
    const peer = this.parts.nameOf(id);
    if (peer === undefined) return;
    this.parts.recorder.add({
      kind: 'best_changed',
      level: 'debug',
      text:
        `${peer}: best paths of ${changes} prefixes outside services changed within a second: ` +
        `${gained} moved to it, ${lost} moved away, ${stayed} changed their attributes`,
      peer,
      counts: { changes, gained, lost },
    });
  }
}

function changesIn({ gained, lost, stayed }: Counts): number {
  return gained + lost + stayed;
}
