import { widenAttributes } from './two-octet.ts';
import type { Update } from './update.ts';

/** The two MP attributes cut the others into three pieces at most. */
const maxPieces = 3;

/**
 * The attribute block of an UPDATE: its attributes but the MP ones, in one piece and with 4-octet AS numbers. A
 * block that is so in the message is not copied.
 */
export class AttributeBlock {
  /** Where its attributes lie in the message. */
  private readonly starts = new Int32Array(maxPieces);
  private readonly ends = new Int32Array(maxPieces);
  private pieces = 0;
  private gathered: Uint8Array = new Uint8Array(0);
  private widened: Uint8Array = new Uint8Array(0);

  clear(): void {
    this.pieces = 0;
  }

  /** The attribute at `start..end` of the message, after all that were kept before, is part of it. */
  keep(start: number, end: number): void {
    const last = this.pieces - 1;
    if (last >= 0 && this.ends[last] === start) {
      this.ends[last] = end;
      return;
    }
    this.starts[this.pieces] = start;
    this.ends[this.pieces] = end;
    this.pieces++;
  }

  /** Puts the block into the update, whose `bytes` are the message. */
  place(update: Update, asnBytes: 2 | 4): void {
    update.attributeBytes = update.bytes;
    update.attributesStart = this.pieces === 0 ? 0 : this.starts[0];
    update.attributesEnd = this.pieces === 0 ? 0 : this.ends[0];
    if (this.pieces > 1) this.gather(update);
    if (asnBytes === 2) this.widen(update);
  }

  private gather(update: Update): void {
    const { pieces, starts, ends } = this;
    this.gathered = atLeast(this.gathered, ends[pieces - 1] - starts[0]);
    let at = 0;
    for (let i = 0; i < pieces; i++) {
      this.gathered.set(update.bytes.subarray(starts[i], ends[i]), at);
      at += ends[i] - starts[i];
    }
    update.attributeBytes = this.gathered;
    update.attributesStart = 0;
    update.attributesEnd = at;
  }

  private widen(update: Update): void {
    const { attributeBytes: bytes, attributesStart: start, attributesEnd: end } = update;
    this.widened = atLeast(this.widened, 2 * (end - start) + 16);
    update.attributesEnd = widenAttributes(this.widened, bytes, start, end);
    update.attributesStart = 0;
    update.attributeBytes = this.widened;
  }
}

function atLeast(buffer: Uint8Array, lengthBytes: number): Uint8Array {
  if (buffer.length >= lengthBytes) return buffer;
  return new Uint8Array(Math.max(lengthBytes, 4096));
}
