const chunkBytes = 1 << 20;

/**
 * Append-only bytes in chunks of 1 MiB, addressed by one integer; a piece never spans two chunks, so
 * that growing copies nothing. A piece is at most one chunk.
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
    const address = (this.chunks.length - 1) * chunkBytes + this.at;
    this.at += length;
    return address;
  }

  chunk(address: number): Uint8Array {
    return this.chunks[(address / chunkBytes) | 0];
  }

  /** Where in its chunk the address lies. */
  offset(address: number): number {
    return address & (chunkBytes - 1);
  }

  /** A window, valid until the arena is replaced. */
  view(address: number, length: number): Uint8Array {
    const offset = this.offset(address);
    return this.chunk(address).subarray(offset, offset + length);
  }

  get bytes(): number {
    return this.chunks.length * chunkBytes;
  }
}
