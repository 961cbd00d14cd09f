const chunkBytes = 1 << 20;
/** An address counts units of 4 bytes, so that 16 GiB have room in 32 bits. */
const unitBits = 2;
const chunkUnitBits = 18;

/**
 * Append-only bytes in chunks of 1 MiB, addressed by one 32-bit integer; a piece never spans two
 * chunks, so that growing copies nothing. A piece is at most one chunk.
 */
export class ByteArena {
  private chunks: Uint8Array[] = [];
  private at = chunkBytes;

  /** Room for `length` bytes; fill it through `chunk` and `offset`. */
  allocate(length: number): number {
    if (this.at + length > chunkBytes) {
      this.chunks.push(new Uint8Array(chunkBytes));
      this.at = 0;
    }
    const address = ((this.chunks.length - 1) << chunkUnitBits) | (this.at >> unitBits);
    this.at += (length + 3) & ~3;
    return address >>> 0;
  }

  chunk(address: number): Uint8Array {
    return this.chunks[address >>> chunkUnitBits];
  }

  /** Where in its chunk the address lies. */
  offset(address: number): number {
    return (address << unitBits) & (chunkBytes - 1);
  }

  get bytes(): number {
    return this.chunks.length * chunkBytes;
  }
}
