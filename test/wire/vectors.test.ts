import { describe, expect, test } from 'vitest';
import { attributeRow } from '#wire/attribute-table.ts';
import { decodeAttributes, encodeAttributes } from '#wire/attributes.ts';
import { headerBytes, MessageType } from '#wire/constants.ts';
import { Framer } from '#wire/framer.ts';
import { decodeNotification, encodeNotification, NotificationError } from '#wire/notification.ts';
import { decodeOpen, encodeOpen } from '#wire/open.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';
import type { DecodeContext } from '#wire/update.ts';
import { readVectors, type Vector, writeVectors } from '../vectors/vectors.ts';
import { fromHex, toHex } from './hex.ts';
import { messageInWords, streamInWords } from './message-words.ts';
import { context } from './update-bytes.ts';

const files = readVectors();
if (process.env.UPDATE_GOLDEN === '1') {
  for (const [file, vectors] of files) {
    writeVectors(
      file,
      vectors.map((vector) => ({
        ...vector,
        json: streamInWords(bytesOf(vector), contextOf(vector))[0],
      })),
    );
  }
}
const vectors = [...readVectors().values()].flat();

function bytesOf({ hex }: Vector): Uint8Array {
  return fromHex(hex);
}

function contextOf({ asnBytes, addPath, extendedNextHopIpv4 }: Vector): DecodeContext {
  return {
    ...context,
    asnBytes: asnBytes ?? 4,
    addPath: addPath ?? context.addPath,
    extendedNextHop: [extendedNextHopIpv4 === true, false],
  };
}

/** RFC 7606 outcomes are read, and never written. */
function isInOrder({ json }: Vector): boolean {
  return !/"(malformed|discarded)"/.test(JSON.stringify(json));
}

function typed(type: MessageType): Vector[] {
  return vectors.filter((vector) => bytesOf(vector)[18] === type);
}

describe('messages of real speakers are decoded', () => {
  test.each(vectors)('$name', (vector) => {
    const words = streamInWords(bytesOf(vector), contextOf(vector));
    expect(JSON.parse(JSON.stringify(words))).toEqual([vector.json]);
  });
});

describe('decoded messages are encoded again', () => {
  test.each(typed(MessageType.open))('$name', (vector) => {
    const bytes = bytesOf(vector);
    const open = decodeOpen(bytes, headerBytes, bytes.length);
    const again = encodeOpen(open);
    expect(decodeOpen(again, headerBytes, again.length)).toEqual(open);
    // The headers of the parameters may differ, but not the capabilities.
    if (bytes[29] !== 0xff) expect(capabilityBytes(again)).toBe(capabilityBytes(bytes));
  });

  test.each(typed(MessageType.notification))('$name', (vector) => {
    const bytes = bytesOf(vector);
    const notification = decodeNotification(bytes, headerBytes, bytes.length);
    expect(toHex(encodeNotification(notification))).toBe(vector.hex);
  });

  test.each(
    typed(MessageType.update).filter((vector) => vector.asnBytes !== 2 && isInOrder(vector)),
  )(
    '$name: attributes byte for byte, but for order, extended length and Partial of the unknown',
    (vector) => {
      const bytes = bytesOf(vector);
      const update = new UpdateDecoder().decode(
        bytes,
        headerBytes,
        bytes.length,
        contextOf(vector),
      );
      const { attributeBytes, attributesStart, attributesEnd, nlri } = update;
      const options = { needsNextHop: nlri.start < nlri.end, withoutRoutes: true };
      const decoded = decodeAttributes(attributeBytes, attributesStart, attributesEnd, options);
      const isEmpty = attributesStart === attributesEnd;
      const again = isEmpty
        ? new Uint8Array(0)
        : encodeAttributes(decoded.attributes, { asnBytes: 4, inlineNextHop: true });
      expect(attributeList(again)).toEqual(
        attributeList(attributeBytes.slice(attributesStart, attributesEnd)),
      );
    },
  );
});

describe('2-octet speakers', () => {
  const rows = typed(MessageType.update).filter(
    ({ asnBytes, from }) => asnBytes === 2 && !from.startsWith('RFC'),
  );

  test.each(rows)('$name: AS_TRANS and AS4_PATH as it sent them', (vector) => {
    const bytes = bytesOf(vector);
    const update = new UpdateDecoder().decode(bytes, headerBytes, bytes.length, contextOf(vector));
    const { attributeBytes, attributesStart, attributesEnd } = update;
    if (attributesStart === attributesEnd) return;
    const options = { needsNextHop: false };
    const { attributes } = decodeAttributes(
      attributeBytes,
      attributesStart,
      attributesEnd,
      options,
    );
    const again = encodeAttributes(attributes, { asnBytes: 2, inlineNextHop: true });
    const sent = attributeList(blockOf(bytes)).filter((hex) => !/^..0[ef]/.test(hex));
    expect(attributeList(again)).toEqual(sent);
  });
});

/** Returns the attribute block of a whole UPDATE. */
function blockOf(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const lengthAt = headerBytes + 2 + view.getUint16(headerBytes);
  return bytes.slice(lengthAt + 2, lengthAt + 2 + view.getUint16(lengthAt));
}

/** Each attribute as hex, sorted by type; flags without Extended Length, with Partial if unknown. */
function attributeList(block: Uint8Array): string[] {
  const list: { type: number; hex: string }[] = [];
  let at = 0;
  while (at < block.length) {
    const isExtended = (block[at] & 0x10) !== 0;
    const start = at + (isExtended ? 4 : 3);
    const end = start + (isExtended ? block[at + 2] * 256 + block[at + 3] : block[at + 2]);
    const partial = attributeRow(block[at + 1]) === undefined ? 0x20 : 0;
    const head = Uint8Array.of((block[at] & 0xef) | partial, block[at + 1]);
    list.push({ type: block[at + 1], hex: toHex(head) + toHex(block.slice(start, end)) });
    at = end;
  }
  return list.sort((a, b) => a.type - b.type).map(({ hex }) => hex);
}

/** All capabilities of an OPEN, the headers of their parameters cut off. */
function capabilityBytes(message: Uint8Array): string {
  let hex = '';
  for (let at = 29; at < message.length; at += 2 + message[at + 1]) {
    hex += toHex(message.slice(at + 2, at + 2 + message[at + 1]));
  }
  return hex;
}

describe('any chunking gives the same messages', () => {
  test('each vector cut at every byte', () => {
    for (const vector of vectors) {
      const bytes = bytesOf(vector);
      const whole = JSON.stringify(streamInWords(bytes, contextOf(vector)));
      for (let cut = 1; cut < bytes.length; cut++) {
        const framer = new Framer();
        framer.push(bytes.slice(0, cut));
        expect(framer.next()).toBe(false);
        framer.push(bytes.slice(cut));
        expect(framer.next()).toBe(true);
        expect(JSON.stringify([messageInWords(framer, contextOf(vector))])).toBe(whole);
      }
    }
  });
});

describe('a message with a wrong byte gives a NOTIFICATION or an RFC 7606 outcome, nothing else', () => {
  const masks = [0x01, 0x80, 0xff, 0x40, 0x10, 0x02];

  test.each(vectors)('$name', (vector) => {
    const bytes = bytesOf(vector);
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of masks) readMutated(bytes, at, bytes[at] ^ mask, contextOf(vector));
      for (const value of [0, 1, 255]) readMutated(bytes, at, value, contextOf(vector));
    }
  });

  test.each(vectors)('$name, cut short with its lengths corrected', (vector) => {
    const bytes = bytesOf(vector);
    for (let length = headerBytes; length < bytes.length; length++) {
      const cut = bytes.slice(0, length);
      new DataView(cut.buffer).setUint16(16, length);
      attempt(cut, contextOf(vector));
    }
  });
});

function readMutated(bytes: Uint8Array, at: number, value: number, given: DecodeContext): void {
  const mutated = bytes.slice();
  mutated[at] = value;
  attempt(mutated, given);
}

function attempt(bytes: Uint8Array, given: DecodeContext): void {
  try {
    streamInWords(bytes, given, true);
  } catch (error) {
    if (!(error instanceof NotificationError)) throw error;
  }
}
