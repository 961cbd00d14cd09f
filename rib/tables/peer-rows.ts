import { none, type PathId, type PeerId } from '#policy/ids.ts';

/** The binary logarithm of the number of rows in a block. */
const blockBits = 12;

/**
 * How many rows of each block of 4096 belong to each peer. What a peer announces at a time lies close together, so a
 * walk over its rows can skip most of a table: when the policies of 300 members changed, a quarter of the time was 300
 * searches of the whole table (bench S6). Two bytes per peer and block.
 */
export class PeerRows {
  /** By PeerId, then by block. */
  private readonly counts: (Uint16Array | undefined)[] = [];

  add(peer: PeerId, row: number): void {
    const block = row >>> blockBits;
    let counts = this.counts[peer];
    if (counts === undefined || block >= counts.length) counts = this.widen(peer, block + 1);
    counts[block]++;
  }

  /** The row must have been added. */
  remove(peer: PeerId, row: number): void {
    const counts = this.counts[peer];
    if (counts !== undefined) counts[row >>> blockBits]--;
  }

  /** Returns the peer's first path from this row on, or 0. `peers` has the peer of each row. */
  next(peers: Uint16Array, peer: PeerId, start: number): PathId {
    let row = this.from(peer, start);
    while (row < peers.length) {
      const end = endOfBlock(row, peers);
      for (; row < end; row++) if (peers[row] === peer) return row as PathId;
      row = this.from(peer, row);
    }
    return none as PathId;
  }

  /** Visits every path of the peer. With `next` for each row, a million take half as long again. */
  each(peers: Uint16Array, peer: PeerId, visit: (path: PathId) => void): void {
    let row = this.from(peer, 0);
    while (row < peers.length) {
      const end = endOfBlock(row, peers);
      for (; row < end; row++) if (peers[row] === peer) visit(row as PathId);
      row = this.from(peer, row);
    }
  }

  get bytes(): number {
    return this.counts.reduce((sum, counts) => sum + (counts?.byteLength ?? 0), 0);
  }

  /** Returns the first row, from this one on, of a block in which the peer has one; Infinity if there is none. */
  private from(peer: PeerId, row: number): number {
    const counts = this.counts[peer];
    if (counts === undefined) return Infinity;
    const first = row >>> blockBits;
    if (counts[first] > 0) return row;
    for (let block = first + 1; block < counts.length; block++) {
      if (counts[block] > 0) return block << blockBits;
    }
    return Infinity;
  }

  private widen(peer: PeerId, blocks: number): Uint16Array {
    const old = this.counts[peer];
    const counts = new Uint16Array(Math.max(blocks, 2 * (old?.length ?? 0)));
    if (old !== undefined) counts.set(old);
    this.counts[peer] = counts;
    return counts;
  }
}

/** Returns the row after the last one of the block of a row. */
function endOfBlock(row: number, peers: Uint16Array): number {
  return Math.min(((row >>> blockBits) + 1) << blockBits, peers.length);
}
