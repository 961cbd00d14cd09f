import { copyInto, writeU16, writeU32 } from '#wire/octets.ts';
import { headerBytes, MrtType } from './constants.ts';

const initialBytes = 64 * 1024;
/** Microseconds, behind the header of an extended timestamp (RFC 6396 §3). */
const extraBytes = 4;

/** Writes MRT records back to back into one growing buffer: `begin`, the fields, `end`. */
export class RecordWriter {
  /** The whole records that are written and not yet taken, in bytes. */
  lengthBytes = 0;
  private out = new Uint8Array(initialBytes);
  private at = 0;

  /** `wallMs`: Unix time; a BGP4MP_ET record keeps its microseconds, the others its seconds. */
  begin(type: number, subtype: number, wallMs: number): void {
    this.at = this.lengthBytes;
    this.reserve(headerBytes + extraBytes);
    const seconds = Math.floor(wallMs / 1000);
    this.u32(seconds);
    this.u16(type);
    this.u16(subtype);
    this.u32(0);
    if (type === MrtType.bgp4mpEt) this.u32(Math.floor((wallMs - seconds * 1000) * 1000));
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

  /** Closes the record: its length is known now. */
  end(): void {
    writeU32(this.out, this.lengthBytes + 8, this.at - this.lengthBytes - headerBytes);
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
