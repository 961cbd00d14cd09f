import { viewOf } from '#wire/octets.ts';

const chunkBytes = 1 << 20;
/** An address counts units of 4 bytes, so that 32 bits address 16 GiB. */
const unitBits = 2;
const chunkUnitBits = 18;

const noBytes = new Uint8Array(0);
const noView = viewOf(noBytes);

/**
 * Append-only bytes in chunks of 1 MiB, addressed by one 32-bit integer. A piece never spans two chunks, so growing
 * copies nothing; a piece is at most one chunk.
 */
export class ByteArena {
  private chunks: Uint8Array[] = [];
  private views: DataView[] = [];
  private at = chunkBytes;
  /** The chunk that is being filled. */
  private current = 0;
  /** Chunks that are empty and may be filled again. */
  private readonly empty: number[] = [];
  /** While pieces are moved out of the old chunks: 1 for each of those. */
  private old = new Uint8Array(0);

  /** Allocates `length` bytes, to be filled through `chunk` and `offset`. */
  allocate(length: number): number {
    if (this.at + length > chunkBytes) {
      this.current = this.empty.pop() ?? this.chunks.length;
      this.chunks[this.current] = new Uint8Array(chunkBytes);
      this.views[this.current] = viewOf(this.chunks[this.current]);
      this.at = 0;
    }
    const address = (this.current << chunkUnitBits) | (this.at >> unitBits);
    this.at += (length + 3) & ~3;
    return address >>> 0;
  }

  chunk(address: number): Uint8Array {
    return this.chunks[address >>> chunkUnitBits];
  }

  /** Returns the same bytes, to be read by words. */
  view(address: number): DataView {
    return this.views[address >>> chunkUnitBits];
  }

  /** Returns the place of the address in its chunk. */
  offset(address: number): number {
    return (address << unitBits) & (chunkBytes - 1);
  }

  get bytes(): number {
    return (this.chunks.length - this.empty.length) * chunkBytes;
  }

  /** From now on pieces are allocated in other chunks than the present ones, which `endPacking` frees. */
  beginPacking(): void {
    this.old = new Uint8Array(this.chunks.length).fill(1);
    for (const chunk of this.empty) this.old[chunk] = 0;
    this.at = chunkBytes;
  }

  /** Returns whether the piece must be moved before `endPacking`. */
  isOld(address: number): boolean {
    return this.old[address >>> chunkUnitBits] === 1;
  }

  endPacking(): void {
    for (const [chunk, isOld] of this.old.entries()) {
      if (isOld === 0) continue;
      this.chunks[chunk] = noBytes;
      this.views[chunk] = noView;
      this.empty.push(chunk);
    }
    this.old = new Uint8Array(0);
  }
}
