import { OctetWriter } from '#wire/octet-writer.ts';
import { headerBytes, MrtType } from './constants.ts';

/** Writes MRT records one after the other into one growing buffer: `begin`, the fields, `end`. */
export class RecordWriter {
  private readonly out = new OctetWriter();

  /** The number of bytes of whole records that are written and not yet taken. */
  get lengthBytes(): number {
    return this.out.lengthBytes;
  }

  /** Begins a record. `wallMs` is Unix time; BGP4MP_ET records keep its microseconds, others only its seconds. */
  begin(type: number, subtype: number, wallMs: number): void {
    const { out } = this;
    const seconds = Math.floor(wallMs / 1000);
    out.begin();
    out.u32(seconds);
    out.u16(type);
    out.u16(subtype);
    out.u32(0);
    // The microseconds follow the header (RFC 6396 §3).
    if (type === MrtType.bgp4mpEt) out.u32(Math.floor((wallMs - seconds * 1000) * 1000));
  }

  u8(value: number): void {
    this.out.u8(value);
  }

  u16(value: number): void {
    this.out.u16(value);
  }

  u32(value: number): void {
    this.out.u32(value);
  }

  octets(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.out.octets(bytes, start, end);
  }

  /** Closes the record and fills in its length. */
  end(): void {
    this.out.end(8, this.out.recordBytes - headerBytes);
  }

  /** Returns the whole records since the last `take`, in memory of their own. */
  take(): Uint8Array<ArrayBuffer> {
    return this.out.take();
  }
}
