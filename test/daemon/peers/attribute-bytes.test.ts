import { afterEach, expect, it } from 'vitest';
import { attribute, MessageType, nodeAttributes, update } from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { Bench, openFields } from '../bench.ts';

let bench: Bench;
afterEach(() => bench.close());

function configOf(limit: string): string {
  const keys = `passive: true, accept_next_hop: any, max_attribute_bytes: ${limit}`;
  return `
start_gate: 0
peers:
  - { name: BIG, address: 127.0.1.1, peer_as: 65001, import: none, ${keys} }
  - { name: HONEST, address: 127.0.1.2, peer_as: 65001, import: all, ${keys} }
`;
}

const extended = { capabilities: [...openFields.capabilities, [6, []] as const] };
const setBytes = 60 * 1024;

/** One prefix with an unknown attribute of 60 KiB that begins with `set`. */
function announce(speaker: RawSpeaker, prefix: number, set: number): void {
  const value = Buffer.alloc(setBytes);
  value.writeUInt32BE(set);
  const attributes = [...nodeAttributes([192, 0, 2, 1]), attribute(0xd0, 199, [...value])];
  const nlri = Buffer.from([24, 10, prefix >> 8, prefix & 255]);
  speaker.send(update(attributes, nlri, Buffer.alloc(0)));
}

function received(name: string): number {
  return bench.peer(name).prefixes.received;
}

it('the session of a peer that sends distinct sets of 60 KiB ends with 6/8, whether they are refused or not; another peer is not affected', async () => {
  bench = await Bench.start(configOf('1MiB'));
  const big = await bench.establish('127.0.1.1', extended);
  const honest = await bench.establish('127.0.1.2', extended);
  for (let at = 0; at < 15; at++) announce(honest, 1000 + at, at);
  await bench.until('the table', () => received('HONEST') === 15);
  for (let at = 0; at < 30; at++) announce(big, at, 100 + at);
  const { body } = await big.next(MessageType.notification);
  expect([...body]).toEqual([6, 8]);
  await bench.until('room', () => received('BIG') === 0);
  expect(bench.peer('BIG').held).toMatchObject({ by: 'max_attribute_bytes' });
  expect(bench.peer('HONEST')).toMatchObject({ state: 'established', flaps: 0 });
  expect(bench.warnings(/^max_attribute_bytes 1048576 reached: /)).toMatchObject([{ peer: 'BIG' }]);
  await bench.reload(configOf('64MiB'));
  await bench.establish('127.0.1.1', extended);
});

it.each([
  ['sets that others have replaced', (at: number) => ({ prefix: 1, set: at })],
  ['prefixes of one set', (at: number) => ({ prefix: at, set: 1 })],
])('%s do not count', async (_, row) => {
  bench = await Bench.start(configOf('1MiB'));
  const big = await bench.establish('127.0.1.1', extended);
  for (let at = 0; at < 60; at++) announce(big, row(at).prefix, row(at).set);
  announce(big, 999, 0);
  const count = new Set([999, ...Array.from({ length: 60 }, (__, at) => row(at).prefix)]).size;
  await bench.until('all', () => received('BIG') === count);
  expect(big.isClosed).toBe(false);
  expect(bench.peer('BIG').held).toBeUndefined();
});
