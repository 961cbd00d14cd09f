import type { PeerId } from '#policy/ids.ts';

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

  /** Returns the first row, from this one on, of a block in which the peer has any; Infinity if there is none. */
  from(peer: PeerId, row: number): number {
    const counts = this.counts[peer];
    if (counts === undefined) return Infinity;
    const first = row >>> blockBits;
    if (counts[first] > 0) return row;
    for (let block = first + 1; block < counts.length; block++) {
      if (counts[block] > 0) return block << blockBits;
    }
    return Infinity;
  }

  /** Returns the row after the last one of the block of a row. */
  endOfBlock(row: number): number {
    return ((row >>> blockBits) + 1) << blockBits;
  }

  get bytes(): number {
    return this.counts.reduce((sum, counts) => sum + (counts?.byteLength ?? 0), 0);
  }

  private widen(peer: PeerId, blocks: number): Uint16Array {
    const old = this.counts[peer];
    const counts = new Uint16Array(Math.max(blocks, 2 * (old?.length ?? 0)));
    if (old !== undefined) counts.set(old);
    this.counts[peer] = counts;
    return counts;
  }
}
