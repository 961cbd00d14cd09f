import { describe, expect, test } from 'vitest';
import { Framer } from '#wire/framer.ts';
import type { NotificationKind } from '#wire/notification.ts';
import { fromHex, toHex } from './hex.ts';

const marker = 'ff'.repeat(16);
const keepalive = `${marker}001304`;
const update = `${marker}001702 00000000`;

function framed(hex: string, lengthBytes: number): Uint8Array {
  const message = new Uint8Array(lengthBytes);
  message.set(fromHex(hex));
  return message;
}

/** Returns the messages that are found if the stream comes in these pieces. */
function messagesOf(chunks: readonly Uint8Array[]): string[] {
  const framer = new Framer();
  const found: string[] = [];
  for (const chunk of chunks) {
    framer.push(chunk);
    while (framer.next()) {
      found.push(`${framer.type} ${toHex(framer.bytes.slice(framer.start, framer.end))}`);
    }
    // A chunk may be reused once it has been read.
    chunk.fill(0);
  }
  return found;
}

describe('messages', () => {
  const stream = fromHex(keepalive + update + keepalive + update);
  const whole = ['4 ', '2 00000000', '4 ', '2 00000000'];

  test('a chunk may hold several', () => {
    expect(messagesOf([stream.slice()])).toEqual(whole);
  });

  test('the stream may be cut in two anywhere', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(messagesOf([stream.slice(0, cut), stream.slice(cut)])).toEqual(whole);
    }
  });

  test('the stream may come in pieces of any size', () => {
    for (let size = 1; size <= stream.length; size++) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < stream.length; at += size) chunks.push(stream.slice(at, at + size));
      expect(messagesOf(chunks)).toEqual(whole);
    }
  });

  test('a message that is complete in its chunk is not copied', () => {
    const framer = new Framer();
    const chunk = fromHex(update);
    framer.push(chunk);
    expect(framer.next()).toBe(true);
    expect(framer.bytes).toBe(chunk);
  });

  test('an extended message in pieces', () => {
    const message = framed(`${marker}ffff02`, 65535);
    const framer = new Framer();
    framer.extendedMessages = true;
    for (let at = 0; at < message.length; at += 1000) {
      framer.push(message.slice(at, at + 1000));
      if (at < 65000) expect(framer.next()).toBe(false);
    }
    expect(framer.next()).toBe(true);
    expect(framer.end - framer.start).toBe(65535 - 19);
  });
});

function row(name: string, hex: string, kind: NotificationKind, data: string, extended = false) {
  return { name, hex, kind, data, extended };
}

describe('a header error ends the session with its data (RFC 4271 §6.1)', () => {
  const rows: readonly {
    readonly name: string;
    readonly hex: string;
    readonly kind: NotificationKind;
    readonly data: string;
    readonly extended?: boolean;
  }[] = [
    row(
      'a marker that is not all ones',
      `${'ff'.repeat(15)}fe001304`,
      'connectionNotSynchronized',
      '',
    ),
    row('a length of 18', `${marker}001204`, 'badMessageLength', '0012'),
    row('a length of 4097', `${marker}100102`, 'badMessageLength', '1001'),
    row('an OPEN of 28', `${marker}001c01`, 'badMessageLength', '001c'),
    row('an UPDATE of 22', `${marker}001602`, 'badMessageLength', '0016'),
    row('a NOTIFICATION of 20', `${marker}001403`, 'badMessageLength', '0014'),
    row('a KEEPALIVE of 20', `${marker}001404`, 'badMessageLength', '0014'),
    row('type 0', `${marker}001300`, 'badMessageType', '00'),
    row('type 6', `${marker}001306`, 'badMessageType', '06'),
    row('type 255', `${marker}0013ff`, 'badMessageType', 'ff'),
    row('an extended OPEN', `${marker}100101`, 'badMessageLength', '1001', true),
    row('an extended KEEPALIVE', `${marker}100104`, 'badMessageLength', '1001', true),
    row('an extended message of type 6', `${marker}100106`, 'badMessageType', '06', true),
  ];

  test.each(rows)('$name', ({ hex, kind, data, extended }) => {
    const framer = new Framer();
    framer.extendedMessages = extended === true;
    framer.push(fromHex(hex));
    expect(() => framer.next()).toThrow(expect.objectContaining({ kind, data: fromHex(data) }));
  });

  test('it is found when the header comes in two pieces', () => {
    const framer = new Framer();
    framer.push(fromHex(marker));
    expect(framer.next()).toBe(false);
    framer.push(fromHex('001204'));
    expect(() => framer.next()).toThrow(expect.objectContaining({ kind: 'badMessageLength' }));
  });

  const lengths = [
    { name: 'an UPDATE of 4096', hex: `${marker}100002`, lengthBytes: 4096 },
    { name: 'a NOTIFICATION of 21', hex: `${marker}001503`, lengthBytes: 21 },
    { name: 'an OPEN of 29', hex: `${marker}001d01`, lengthBytes: 29 },
    {
      name: 'a ROUTE-REFRESH of 20, which has an error of its own',
      hex: `${marker}001405`,
      lengthBytes: 20,
    },
  ];
  test.each(lengths)('$name is accepted', ({ hex, lengthBytes }) => {
    const framer = new Framer();
    framer.push(framed(hex, lengthBytes));
    expect(framer.next()).toBe(true);
  });
});
