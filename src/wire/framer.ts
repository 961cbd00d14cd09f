import { headerBytes, maxExtendedMessageBytes, maxMessageBytes, MessageType } from './constants.ts';
import { NotificationError } from './notification.ts';
import { readU16 } from './octets.ts';

interface LengthRow {
  readonly type: MessageType;
  /** Bytes, header included; so are the other lengths. */
  readonly min: number;
  readonly max: number;
  /** Once both OPENs carry Extended Message: "all messages except for OPEN and KEEPALIVE" (RFC 8654 §4). */
  readonly maxExtended: number;
}

/** RFC 4271 §6.1, indexed by type. A ROUTE-REFRESH that is too short has an error of its own (RFC 7313 §5). */
const lengths: readonly (LengthRow | undefined)[] = [
  undefined,
  row(MessageType.open, 29, maxMessageBytes, maxMessageBytes),
  row(MessageType.update, 23, maxMessageBytes, maxExtendedMessageBytes),
  row(MessageType.notification, 21, maxMessageBytes, maxExtendedMessageBytes),
  row(MessageType.keepalive, headerBytes, headerBytes, headerBytes),
  row(MessageType.routeRefresh, headerBytes, maxMessageBytes, maxExtendedMessageBytes),
];

/**
 * Cuts a byte stream into messages. Call `push` with a chunk, then `next` until it returns false, then go on
 * with the next chunk. A message that lies whole in its chunk is a window on it; only the remaining bytes are
 * copied, so that the chunk is free again once `next` has returned false.
 */
export class Framer {
  /** Set when both OPENs carried the capability (RFC 8654 §4). */
  extendedMessages = false;
  /**
   * The message found by the last `next`, valid until the next call: its body is in `bytes` from `start` to
   * `end`.
   */
  bytes: Uint8Array = new Uint8Array(0);
  type: MessageType = MessageType.keepalive;
  start = 0;
  end = 0;

  private chunk: Uint8Array = new Uint8Array(0);
  private at = 0;
  /** The first bytes of a message that the chunks so far have not completed. */
  private partial: Uint8Array = new Uint8Array(0);
  private partialBytes = 0;

  push(chunk: Uint8Array): void {
    this.chunk = chunk;
    this.at = 0;
  }

  /**
   * Finds the next message; returns false when the chunk is used up. Throws NotificationError 1/1, 1/2 (data:
   * the Length field) and 1/3 (data: the Type field) as soon as the header is there (RFC 4271 §6.1).
   */
  next(): boolean {
    if (this.partialBytes > 0) return this.completePartial();
    const left = this.chunk.length - this.at;
    if (left < headerBytes) return this.keepPartial(headerBytes);
    const length = this.checkHeader(this.chunk, this.at);
    if (left < length) return this.keepPartial(length);
    this.deliver(this.chunk, this.at, length);
    this.at += length;
    return true;
  }

  private completePartial(): boolean {
    if (!this.fillPartial(headerBytes)) return false;
    const length = this.checkHeader(this.partial, 0);
    if (!this.fillPartial(length)) return false;
    this.deliver(this.partial, 0, length);
    this.partialBytes = 0;
    return true;
  }

  /** Takes from the chunk until `wanted` bytes are there. */
  private fillPartial(wanted: number): boolean {
    const missing = wanted - this.partialBytes;
    if (missing <= 0) return true;
    this.growPartial(wanted);
    const piece = this.chunk.subarray(this.at, this.at + missing);
    this.partial.set(piece, this.partialBytes);
    this.partialBytes += piece.length;
    this.at += piece.length;
    return piece.length === missing;
  }

  /** Keeps the remaining bytes of the chunk, the beginning of a message of `length` bytes. */
  private keepPartial(length: number): boolean {
    return this.at < this.chunk.length && this.fillPartial(length);
  }

  private growPartial(wanted: number): void {
    if (this.partial.length >= wanted) return;
    const size = wanted <= maxMessageBytes ? maxMessageBytes : maxExtendedMessageBytes;
    const grown = new Uint8Array(size);
    grown.set(this.partial.subarray(0, this.partialBytes));
    this.partial = grown;
  }

  private deliver(bytes: Uint8Array, at: number, length: number): void {
    this.bytes = bytes;
    this.start = at + headerBytes;
    this.end = at + length;
  }

  /** Returns the length of the message and notes its type. */
  private checkHeader(bytes: Uint8Array, at: number): number {
    for (let i = at; i < at + 16; i++) {
      if (bytes[i] !== 0xff) throw new NotificationError('connectionNotSynchronized');
    }
    const length = readU16(bytes, at + 16);
    const limit = this.extendedMessages ? maxExtendedMessageBytes : maxMessageBytes;
    if (length < headerBytes || length > limit) throw badLength(bytes, at);
    const known = lengths[bytes[at + 18]];
    if (known === undefined) {
      throw new NotificationError('badMessageType', bytes.slice(at + 18, at + 19));
    }
    const max = this.extendedMessages ? known.maxExtended : known.max;
    if (length < known.min || length > max) throw badLength(bytes, at);
    this.type = known.type;
    return length;
  }
}

function badLength(bytes: Uint8Array, at: number): NotificationError {
  return new NotificationError('badMessageLength', bytes.slice(at + 16, at + 18));
}

function row(type: MessageType, min: number, max: number, maxExtended: number): LengthRow {
  return { type, min, max, maxExtended };
}
