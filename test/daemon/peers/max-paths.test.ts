import { afterEach, describe, expect, it } from 'vitest';
import { MessageType, nodeAttributes, update } from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { Bench, openFields } from '../bench.ts';

let bench: Bench;
afterEach(() => bench.close());

const lenient = 'passive: true, import: all, accept_next_hop: any';

function configOf(bigKeys: string, smallKeys = ''): string {
  return `
start_gate: 0
max_paths: 1000
peers:
  - { name: BIG, address: 127.0.1.1, peer_as: 65001, ${lenient}${bigKeys} }
  - { name: SMALL, address: 127.0.1.2, peer_as: 65001, ${lenient}${smallKeys} }
`;
}

const attributes = nodeAttributes([192, 0, 2, 1]);

/** `count` prefixes, each under `ids` path identifiers; 0 for none. */
function announce(speaker: RawSpeaker, from: number, count: number, ids = 0): void {
  for (let at = from; at < from + count; at += 100) {
    const rows = Array.from({ length: Math.min(100, from + count - at) }, (_, row) => {
      const number = at + row;
      const prefix = [24, 10, number >> 8, number & 255];
      if (ids === 0) return prefix;
      return Array.from({ length: ids }, (__, id) => [0, 0, 0, id, ...prefix]).flat();
    });
    speaker.send(update(attributes, Buffer.from(rows.flat()), Buffer.alloc(0)));
  }
}

function received(name: string): number {
  return bench.peer(name).prefixes.received;
}

describe('one path more than max_paths', () => {
  it.each([
    {
      name: 'ends the peer that sent most',
      bigKeys: '',
      smallKeys: '',
      ended: 'BIG',
    },
    {
      name: 'spares the peer whose limit says that it sends so many',
      bigKeys: ', max_prefix: { limit: 900 }',
      smallKeys: '',
      ended: 'SMALL',
    },
    {
      name: 'ends the one that is furthest beyond its limit, however many the refused are',
      bigKeys: ', max_prefix: { limit: 10, action: block }',
      smallKeys: ', max_prefix_received: { limit: 300 }',
      ended: 'BIG',
    },
    {
      name: 'reads max_prefix_received before max_prefix',
      bigKeys: ', max_prefix: { limit: 10, action: warning }, max_prefix_received: { limit: 900 }',
      smallKeys: ', max_prefix: { limit: 50, action: warning }',
      ended: 'SMALL',
    },
  ])('$name', async ({ bigKeys, smallKeys, ended }) => {
    bench = await Bench.start(configOf(bigKeys, smallKeys));
    const speakers = {
      BIG: await bench.establish('127.0.1.1'),
      SMALL: await bench.establish('127.0.1.2'),
    };
    announce(speakers.BIG, 0, 800);
    await bench.until('the table', () => received('BIG') === 800);
    announce(speakers.SMALL, 1000, 201);
    const { body } = await speakers[ended as 'BIG' | 'SMALL'].next(MessageType.notification);
    expect([...body]).toEqual([6, 8]);
    const other = ended === 'BIG' ? 'SMALL' : 'BIG';
    await bench.until('room', () => received(ended) === 0);
    expect(bench.peer(other)).toMatchObject({ state: 'established', flaps: 0 });
    expect(bench.warnings(/^max_paths 1000 reached: /).map(({ peer }) => peer)).toEqual([ended]);
  });

  it('counts paths, not prefixes, so that endless path identifiers do not evade it', async () => {
    bench = await Bench.start(configOf(', max_prefix: { limit: 100 }, add_path: receive'));
    const capabilities = [...openFields.capabilities, [69, [0, 1, 1, 2]] as const];
    const big = await bench.establish('127.0.1.1', { capabilities });
    const small = await bench.establish('127.0.1.2');
    announce(small, 1000, 200);
    await bench.until('the table', () => received('SMALL') === 200);
    announce(big, 0, 50, 17);
    const { body } = await big.next(MessageType.notification);
    expect([...body]).toEqual([6, 8]);
    expect(small.isClosed).toBe(false);
  });

  it('ends the session of one peer, while others continue to announce as its paths are removed', async () => {
    bench = await Bench.start(configOf('').replace('1000', '20000'));
    const big = await bench.establish('127.0.1.1');
    const small = await bench.establish('127.0.1.2');
    announce(big, 0, 19_990);
    await bench.until('the table', () => received('BIG') === 19_990);
    for (let at = 0; at < 100; at++) announce(small, 30_000 + at, 1);
    await bench.until('it', () => received('SMALL') === 100 && received('BIG') === 0);
    expect(small.isClosed).toBe(false);
    expect(bench.warnings(/^max_paths 20000 reached: /)).toHaveLength(1);
  });
});

it('lets the held peer in again when max_paths is raised', async () => {
  bench = await Bench.start(configOf(''));
  const big = await bench.establish('127.0.1.1');
  announce(big, 0, 1001);
  await bench.until('the limit', () => bench.peer('BIG').held !== undefined);
  expect(bench.peer('BIG').held).toMatchObject({ by: 'max_paths' });
  const raised = configOf('').replace('max_paths: 1000', 'max_paths: 2000');
  expect(
    await bench.commands.plan({ text: bench.textOf(raised), mayReadFiles: true }),
  ).toMatchObject({
    plan: { peers: [{ peer: 'BIG', effect: 'none', lets_in: true }, { peer: 'SMALL' }] },
  });
  const { message } = await bench.reload(raised);
  expect(message).toContain('BIG: none, reconnection allowed');
  await bench.establish('127.0.1.1');
});
