import { copyInto, writeU16, writeU32 } from './octets.ts';

const initialBytes = 64 * 1024;

/**
 * Writes records back to back into one growing buffer: `begin`, the fields, `end`, as often as need be, then
 * `take`. Numbers are in network order.
 */
export class OctetWriter {
  /** The length of the whole records that are written and not yet taken. */
  lengthBytes = 0;
  private out = new Uint8Array(initialBytes);
  private at = 0;

  /** Begins a record; one that was begun and not ended is dropped. */
  begin(): void {
    this.at = this.lengthBytes;
  }

  u8(value: number): void {
    this.reserve(1);
    this.out[this.at++] = value;
  }

  u16(value: number): void {
    this.reserve(2);
    this.at = writeU16(this.out, this.at, value);
  }

  u32(value: number): void {
    this.reserve(4);
    this.at = writeU32(this.out, this.at, value);
  }

  octets(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.reserve(end - start);
    this.at = copyInto(this.out, this.at, { bytes, start, end });
  }

  /** The length of the record that is open. */
  get recordBytes(): number {
    return this.at - this.lengthBytes;
  }

  /** Ends the record, whose length is written, as four octets, `offset` bytes behind its beginning. */
  end(offset: number, length: number): void {
    writeU32(this.out, this.lengthBytes + offset, length);
    this.lengthBytes = this.at;
  }

  /** Returns the whole records since the last `take`, in their own memory. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.out.slice(0, this.lengthBytes);
    this.lengthBytes = 0;
    this.at = 0;
    if (this.out.length > initialBytes) this.out = new Uint8Array(initialBytes);
    return taken;
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.out.length) return;
    const grown = new Uint8Array(Math.max(this.out.length * 2, this.at + bytes));
    grown.set(this.out.subarray(0, this.at));
    this.out = grown;
  }
}
