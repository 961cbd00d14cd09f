import { message, MessageType } from '#support/raw-message.ts';
import { fieldsOf } from '../oracle/attribute-oracle.ts';

/** An UPDATE in parts, which can be mutated and put together again, right or wrong. */
export interface UpdateParts {
  withdrawn: Uint8Array;
  attributes: AttributePart[];
  nlri: Uint8Array;
}

export interface AttributePart {
  readonly flags: number;
  readonly type: number;
  readonly value: Uint8Array;
  /** What the length field says, if that is not the real length. */
  readonly saidLength?: number;
}

const extendedLength = 0x10;

/** The parts of a correct body. */
export function partsOf(body: Uint8Array): UpdateParts {
  const withdrawnEnd = 2 + ((body[0] << 8) | body[1]);
  const attributesStart = withdrawnEnd + 2;
  const attributesEnd = attributesStart + ((body[withdrawnEnd] << 8) | body[withdrawnEnd + 1]);
  const attributes = fieldsOf(body.slice(attributesStart, attributesEnd));
  return {
    withdrawn: body.slice(2, withdrawnEnd),
    attributes: attributes.map(({ flags, type, value }) => ({ flags, type, value })),
    nlri: body.slice(attributesEnd),
  };
}

export function copyOf({ withdrawn, attributes, nlri }: UpdateParts): UpdateParts {
  return { withdrawn, attributes: [...attributes], nlri };
}

/** The message. */
export function updateOf({ withdrawn, attributes, nlri }: UpdateParts): Uint8Array {
  const block = Buffer.concat(attributes.map(attributeOf));
  const body = Buffer.concat([u16(withdrawn.length), withdrawn, u16(block.length), block, nlri]);
  return plain(message(MessageType.update, body));
}

/** A `Buffer` would share its memory with slices of it. */
export function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function attributeOf({ flags, type, value, saidLength }: AttributePart): Buffer {
  const length = saidLength ?? value.length;
  const isLong = (flags & extendedLength) !== 0 || value.length > 255;
  const header = isLong
    ? [flags | extendedLength, type, (length >> 8) & 255, length & 255]
    : [flags, type, length & 255];
  return Buffer.concat([Buffer.from(header), value]);
}

function u16(value: number): Buffer {
  return Buffer.from([(value >> 8) & 255, value & 255]);
}
