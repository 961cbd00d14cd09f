import * as fc from 'fast-check';
import { test } from 'vitest';
import { decodeAttributes } from '#wire/attributes.ts';
import { MessageType } from '#wire/constants.ts';
import { encodeMessage } from '#wire/header.ts';
import { NotificationError } from '#wire/notification.ts';
import { streamInWords } from './message-words.ts';
import { context } from './update-bytes.ts';

/** True unless something else than a NotificationError is thrown. */
function isOrderly(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    return error instanceof NotificationError;
  }
}

/** Bytes that often look like a header: flags and types that exist, short lengths. */
const likely = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 17, 18, 25, 32, 35),
  fc.constantFrom(0x40, 0x80, 0xc0, 0x50, 0x90, 0xd0, 0xe0),
  fc.integer({ min: 0, max: 255 }),
);
const octets = fc.array(likely, { maxLength: 200 }).map((values) => Uint8Array.from(values));

test('any bytes are an attribute block, or reset the session', () => {
  const property = fc.property(octets, (bytes) =>
    isOrderly(() => decodeAttributes(bytes, 0, bytes.length, { needsNextHop: true })),
  );
  fc.assert(property, { numRuns: 2000 });
});

test('any bytes are an attribute block between withdrawn and announced routes, or reset the session', () => {
  const inputs = fc.record({
    block: octets,
    nlri: fc.constantFrom([], [0], [24, 198, 51, 100]),
    asnBytes: fc.constantFrom(2 as const, 4 as const),
    addPath: fc.boolean(),
  });
  const property = fc.property(inputs, ({ block, nlri, asnBytes, addPath }) => {
    const body = Uint8Array.of(0, 0, block.length >> 8, block.length & 255, ...block, ...nlri);
    const stream = encodeMessage(MessageType.update, body);
    const both = [addPath, addPath];
    const given = { ...context, asnBytes, addPath: both, extendedNextHop: both };
    return isOrderly(() => streamInWords(stream, given));
  });
  fc.assert(property, { numRuns: 3000 });
});

test('any body of any message is read, or ends the session', () => {
  const types = fc.constantFrom(...Object.values(MessageType));
  const property = fc.property(types, octets, (type, body) =>
    isOrderly(() => streamInWords(encodeMessage(type, body), context)),
  );
  fc.assert(property, { numRuns: 3000 });
});
