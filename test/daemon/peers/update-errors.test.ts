import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { atOnce } from '#daemon/in-slices.ts';
import { type UpdateError, UpdateErrors } from '#daemon/peers/update-errors.ts';
import { attribute, MessageType, update } from '#support/raw-message.ts';
import { Bench } from '../bench.ts';

const error: UpdateError = {
  attribute: 'origin',
  outcome: 'treat_as_withdraw',
  text: 'ORIGIN: length 2',
};

describe('the record of faulty UPDATEs', () => {
  it('has the last 16', () => {
    const errors = new UpdateErrors();
    for (let at = 0; at < 40; at++) errors.add(error, Uint8Array.of(at), at);
    expect(errors.list.map(({ bytes }) => bytes[0])).toEqual(
      Array.from({ length: 16 }, (_, at) => 24 + at),
    );
  });

  it('has copies, cut at 4096 bytes', () => {
    const errors = new UpdateErrors();
    const bytes = new Uint8Array(5000).fill(7);
    errors.add(error, bytes, 0);
    bytes.fill(0);
    expect(errors.list[0]).toMatchObject({ lengthBytes: 5000, count: 1 });
    expect(errors.list[0].bytes).toEqual(new Uint8Array(4096).fill(7));
  });

  it('has one entry for bytes that are repeated', () => {
    const errors = new UpdateErrors();
    for (let at = 0; at < 100; at++) errors.add(error, Uint8Array.of(1), at);
    expect(errors.list).toMatchObject([{ count: 100, atMs: 99 }]);
  });

  it('is reported once a minute for each attribute and outcome', () => {
    const errors = new UpdateErrors();
    const other = { ...error, attribute: 'as_path' };
    const told = [0, 1000, 59_000, 60_000, 61_000].map((at) =>
      errors.add(error, Uint8Array.of(at & 255), at),
    );
    expect(told).toEqual([true, false, false, true, false]);
    expect(errors.add(other, Uint8Array.of(1), 61_000)).toBe(true);
  });
});

describe('faulty UPDATEs on the wire', () => {
  it('an invalid prefix is ignored, counted for each UPDATE, reported once, and shown', async () => {
    const speaker = await bench.establish('127.0.1.1');
    const attributes = [origin, path, nextHop];
    const bogus = Buffer.from([24, 224, 1, 2, 24, 127, 0, 0]);
    speaker.send(update(attributes, Buffer.concat([bogus, prefix]), none));
    speaker.send(update(attributes, bogus, none));
    await bench.until('both', () => bench.peer('W1').messages.received.update === 2);
    const { prefixes, update_errors: errors, state } = bench.peer('W1');
    expect([state, prefixes.received]).toEqual(['established', 1]);
    expect(errors).toMatchObject([
      { attribute: 'nlri', outcome: 'treat_as_withdraw', count: 2, bytes: '18e00102' },
    ]);
    expect(bench.told('update_error')).toEqual([
      {
        event: 'update_error',
        peer: 'W1',
        action: 'treat_as_withdraw',
        reason: 'nlri',
        text: 'NLRI: 224.1.2.0/24 is not a valid prefix for a route',
      },
    ]);
  });

  const prefix = Buffer.from([24, 198, 51, 100]);
  const none = Buffer.alloc(0);
  const path = attribute(0x40, 2, [2, 1, 0, 0, 65001 >> 8, 65001 & 255]);
  const nextHop = attribute(0x40, 3, [192, 0, 2, 1]);
  const origin = attribute(0x40, 1, [0]);
  const longOrigin = [attribute(0x40, 1, [0, 0]), path, nextHop];
  const shortAggregate = [origin, path, nextHop, attribute(0x40, 6, [1])];

  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.start(`start_gate: 0
peers: [{ name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: all }]\n`);
  });
  afterEach(() => bench.close());

  it('are shown for a single peer, with their bytes', async () => {
    const speaker = await bench.establish('127.0.1.1');
    speaker.send(
      update(longOrigin, prefix, none),
      update(longOrigin, prefix, none),
      update(shortAggregate, prefix, none),
    );
    await bench.until('both', () => bench.peer('W1').update_errors?.length === 2);
    expect(bench.peer('W1').update_errors).toEqual([
      {
        at: expect.any(String),
        attribute: 'origin',
        outcome: 'treat_as_withdraw',
        text: expect.stringContaining('ORIGIN'),
        bytes: Buffer.concat(longOrigin).toString('hex'),
        length: Buffer.concat(longOrigin).length,
        count: 2,
      },
      expect.objectContaining({
        attribute: 'atomic_aggregate',
        outcome: 'attribute_discard',
        bytes: Buffer.concat(shortAggregate).toString('hex'),
      }),
    ]);
    expect(atOnce(bench.queries.peers())[0]).not.toHaveProperty('update_errors');
    expect(bench.told('update_error')).toHaveLength(2);
    const { update_errors: counted } = atOnce(bench.queries.metrics()).peers[0];
    expect(counted).toEqual({
      treat_as_withdraw: 2,
      attribute_discard: 1,
      family_disabled: 0,
      session_reset: 0,
    });
  });

  it.each([
    ['spoil its routes', [origin, path, attribute(0x80, 4, [0])], 'med', 1],
    ['are discarded', [origin, path, nextHop, attribute(0x40, 6, [1])], 'atomic_aggregate', 0],
    ['spoil its IPv4 routes alone', [origin, path], 'next_hop', 1],
  ])(
    'of an UPDATE with routes of both families count once: %s',
    async (_, parts, name, spoiled) => {
      const speaker = await bench.establish('127.0.1.1');
      const reach = [0, 2, 1, 16, 0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 1, 0];
      const ipv6 = attribute(0x80, 14, [...reach, 32, 0x20, 1, 0xd, 0xb8]);
      speaker.send(update([ipv6, ...parts], prefix, none));
      await bench.until('it', () => bench.peer('W1').update_errors !== undefined);
      expect(bench.peer('W1').update_errors).toMatchObject([{ attribute: name, count: 1 }]);
      const { update_errors: counted } = atOnce(bench.queries.metrics()).peers[0];
      expect([counted.treat_as_withdraw, counted.attribute_discard]).toEqual([
        spoiled,
        1 - spoiled,
      ]);
      expect(bench.told('update_error')).toHaveLength(1);
    },
  );

  it('that end the session are among them', async () => {
    const speaker = await bench.establish('127.0.1.1');
    const overrun = update([attribute(0x40, 1, [0])], none, none);
    overrun.writeUInt16BE(99, 21);
    speaker.send(overrun);
    await speaker.next(MessageType.notification);
    await bench.until('it', () => bench.peer('W1').update_errors?.length === 1);
    expect(bench.peer('W1').update_errors?.[0]).toMatchObject({
      attribute: 'update',
      outcome: 'session_reset',
      text: 'UPDATE Message Error/Malformed Attribute List',
    });
  });
});
