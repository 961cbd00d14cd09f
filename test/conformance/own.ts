/** The prefixes of one case, which no other case uses, so that cases can run side by side. */
export class Own {
  private readonly block: readonly [number, number];

  constructor(index: number) {
    this.block = [index >> 8, index & 0xff];
  }

  /** NLRI of the `n`th host route, 0 to 255: 20.h.l.n/32. */
  ipv4(n = 1): Buffer {
    return Buffer.from([32, 20, ...this.block, n]);
  }

  /** NLRI of 2001:db8:hl::n/128. */
  ipv6(n = 1): Buffer {
    return Buffer.from([128, ...this.network, ...Array<number>(9).fill(0), n]);
  }

  /** NLRI of a chosen length from the same block: `n` is the last octet that is given. */
  ipv4Prefix(lengthBits: number, n = 0): Buffer {
    const octets = [20, ...this.block, n].slice(0, (lengthBits + 7) >> 3);
    return Buffer.from([lengthBits, ...octets]);
  }

  /** NLRI of the network of that length that contains this block; bits beyond it are zero. */
  ipv6Prefix(lengthBits: number): Buffer {
    const octets = [...this.network, ...Array<number>(10).fill(0)];
    const nlri = Buffer.from([lengthBits, ...octets.slice(0, (lengthBits + 7) >> 3)]);
    if (lengthBits % 8 > 0) nlri[nlri.length - 1] &= 0xff << (8 - (lengthBits % 8));
    return nlri;
  }

  private get network(): readonly number[] {
    return [0x20, 0x01, 0x0d, 0xb8, ...this.block];
  }
}

/** Several NLRI in a row. */
export function nlriList(...nlri: readonly Uint8Array[]): Buffer {
  return Buffer.concat(nlri);
}
