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

/**
 * Counts changes of best paths that are not recorded individually, by peer, and records the counts of each second in
 * which there were any. Each change costs two additions, because a full table may pass through here.
 */
export class BestPathCounts {
  private readonly parts: BestPathCountsParts;
  /** By peer. */
  private readonly gained: number[] = [];
  private readonly lost: number[] = [];
  private readonly both: number[] = [];
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
    const before = from === none ? undefined : view.peerOf(from);
    const after = to === none ? undefined : view.peerOf(to);
    if (before === after && after !== undefined) {
      this.count(this.both, after);
      return;
    }
    if (before !== undefined) this.count(this.lost, before);
    if (after !== undefined) this.count(this.gained, after);
  }

  private count(counts: number[], peer: PeerId): void {
    if (this.gained[peer] === undefined) {
      for (const one of [this.gained, this.lost, this.both]) one[peer] = 0;
      this.peers.push(peer);
    }
    counts[peer]++;
  }

  private record(): void {
    const { peers } = this;
    this.peers = [];
    for (const id of peers) this.recordPeer(id);
  }

  private recordPeer(id: PeerId): void {
    const gained = this.gained[id];
    const lost = this.lost[id];
    const changes = gained + lost + this.both[id];
    for (const one of [this.gained, this.lost, this.both]) delete one[id];
    const peer = this.parts.nameOf(id);
    if (peer === undefined) return;
    this.parts.recorder.add({
      kind: 'best_changed',
      level: 'debug',
      text:
        `${peer}: best paths of ${changes} prefixes outside services changed within a second: ` +
        `${gained} moved to it, ${lost} moved away, ${changes - gained - lost} changed their attributes`,
      peer,
      counts: { changes, gained, lost },
    });
  }
}
