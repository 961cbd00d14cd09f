import { readU16, readU32 } from '#wire/octets.ts';
import { headerBytes, MrtType } from './constants.ts';

/** Thrown for a record that does not follow RFC 6396. */
export class MrtError extends Error {
  override readonly name = 'MrtError';
}

/**
 * The largest record that is accepted. A table of 65,535 peers is smaller, and so is a prefix with a path of each of
 * them.
 */
const maxRecordBytes = 128 * 1024 * 1024;

/** One record. Its fields are read in order, and reading past its end throws MrtError. */
export class RecordReader {
  readonly type: number;
  readonly subtype: number;
  /** Unix ms, with microseconds where the record has them. */
  readonly wallMs: number;
  private readonly bytes: Uint8Array;
  private at: number;

  /** `bytes` is the whole record, header included. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.type = readU16(bytes, 4);
    this.subtype = readU16(bytes, 6);
    this.at = headerBytes;
    const hasMicroseconds = this.type === MrtType.bgp4mpEt;
    this.wallMs = readU32(bytes, 0) * 1000 + (hasMicroseconds ? this.u32() / 1000 : 0);
  }

  get rest(): number {
    return this.bytes.length - this.at;
  }

  u8(): number {
    return this.bytes[this.take(1)] as number;
  }

  u16(): number {
    return readU16(this.bytes, this.take(2));
  }

  u32(): number {
    return readU32(this.bytes, this.take(4));
  }

  /** Returns a view of the record's memory. */
  octets(length: number): Uint8Array {
    const start = this.take(length);
    return this.bytes.subarray(start, start + length);
  }

  private take(length: number): number {
    const start = this.at;
    if (start + length > this.bytes.length)
      throw new MrtError(`a record of type ${this.type}/${this.subtype} is cut off`);
    this.at += length;
    return start;
  }
}

/** Splits a stream into records, wherever the boundaries of its pieces lie. */
export class RecordCutter {
  private rest: Uint8Array = new Uint8Array(0);

  /** Yields the records that are complete now; they are views of the piece's memory. Throws MrtError. */
  *add(piece: Uint8Array): Generator<RecordReader, void> {
    const bytes = this.rest.length === 0 ? piece : joined(this.rest, piece);
    let at = 0;
    while (at + headerBytes <= bytes.length) {
      const length = headerBytes + readU32(bytes, at + 8);
      if (length > maxRecordBytes)
        throw new MrtError(`a record says that it has ${length} bytes; this is not an MRT file`);
      if (at + length > bytes.length) break;
      yield new RecordReader(bytes.subarray(at, at + length));
      at += length;
    }
    this.rest = bytes.subarray(at);
  }

  /** The number of bytes so far of a record whose end has not arrived. */
  get restBytes(): number {
    return this.rest.length;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
