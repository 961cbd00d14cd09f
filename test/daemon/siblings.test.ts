import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SiblingStateView } from '#api/views/coherence.ts';
import { atOnce } from '#daemon/in-slices.ts';
import {
  attribute,
  fourOctetAsCapability,
  ipv4UnicastCapability,
  update,
} from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { parsePrefix } from '#text/prefix.ts';
import { Bench } from './bench.ts';

const config = (observer: string) => `
start_gate: 0
siblings: [RS4]
services: [{ name: web, prefix: ["192.0.2.0/24{32,32}"] }]
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: all, accept_next_hop: any, next_hops: [192.0.2.11] }
  - { name: RS4, address: 127.0.1.4, passive: true, observer: true, ${observer} }
  - { name: ER2, address: 127.0.1.8, peer_as: 65003, passive: true, export: all }
`;

const external = 'peer_as: 65002, local_as: 65003';
const internal = 'peer_as: 65002';
const web = parsePrefix('192.0.2.1/32');
let bench: Bench;

beforeEach(async () => {
  bench = await Bench.start(config(external));
});
afterEach(() => bench.close());

function connect(from: string, as: number) {
  return bench.establish(from, {
    as,
    capabilities: [ipv4UnicastCapability, fourOctetAsCapability(as)],
  });
}

/** 192.0.2.1/32 by a path through these ASes. */
function announce(
  speaker: RawSpeaker,
  path: readonly number[],
  med: number,
  more: readonly Buffer[] = [],
): void {
  const octets = path.flatMap((as) => [0, 0, as >> 8, as & 255]);
  const attributes = [
    attribute(0x40, 1, [0]),
    attribute(0x40, 2, path.length === 0 ? [] : [2, path.length, ...octets]),
    attribute(0x40, 3, [192, 0, 2, 11]),
    attribute(0x80, 4, [0, 0, med >> 8, med & 255]),
    ...more,
  ];
  speaker.send(update(attributes, Buffer.from([32, 192, 0, 2, 1]), Buffer.alloc(0)));
}

/** Returns what `show coherence` says about the address, once a pass has seen it. */
async function coherent(state: string): Promise<SiblingStateView & { readonly pending: boolean }> {
  const item = () =>
    atOnce(bench.queries.coherence()).items.find(({ prefix }) => prefix === '192.0.2.1/32');
  await bench.until(state, () => (item()?.state ?? 'same') === state);
  const [sibling] = item()?.siblings ?? [{ peer: 'RS4', state: 'same' }];
  return { ...sibling, pending: item()?.pending === true };
}

const endOfRib = update([], Buffer.alloc(0), Buffer.alloc(0));

describe('coherence', () => {
  it('reports a difference at once as pending, and explains it', async () => {
    const sibling = await connect('127.0.1.4', 65002);
    const node = await connect('127.0.1.1', 65001);
    sibling.send(endOfRib);
    announce(node, [65001], 100);
    expect(await coherent('missing_there')).toMatchObject({
      why: 'it offers nothing; ours is 192.0.2.11 with MED 100',
      pending: true,
    });
    announce(sibling, [65001], 100);
    await coherent('same');
    announce(sibling, [65001], 400);
    expect(await coherent('different')).toMatchObject({ next_hop: '192.0.2.11', med: 400 });
  });

  it('distinguishes a node that closed its session from one that fell silent', async () => {
    const sibling = await connect('127.0.1.4', 65002);
    const node = await connect('127.0.1.1', 65001);
    announce(sibling, [65001], 100);
    sibling.send(endOfRib);
    announce(node, [65001], 100);
    await bench.until('ours', () => bench.queries.explain('192.0.2.1/32') !== undefined);
    node.close();
    const { why } = await coherent('stale_wins');
    expect(why).toMatch(/^it offers 192.0.2.11, but the session of W1 with this server ended: /);
  });

  it('is unknown while the observer has not sent its table', async () => {
    const sibling = await connect('127.0.1.4', 65002);
    announce(sibling, [65001], 100);
    expect(await coherent('unknown')).toMatchObject({ why: 'it has not sent its End-of-RIB yet' });
  });
});

describe('an observer', () => {
  it('is heard, and its routes are neither used, nor counted, nor sent', async () => {
    const router = await connect('127.0.1.8', 65003);
    const sibling = await connect('127.0.1.4', 65002);
    announce(sibling, [65001], 100);
    sibling.send(endOfRib);
    await bench.until('the table', () => bench.daemon.siblings.unknown('RS4') === undefined);
    expect(bench.daemon.siblings.route('RS4', web)).toMatchObject({
      nextHop: Uint8Array.of(192, 0, 2, 11),
      med: 100,
      neighbourAs: 65001,
    });
    expect(bench.peer('RS4')).toMatchObject({ kind: 'observer', prefixes: { received: 1 } });
    expect(bench.queries.explain('192.0.2.1/32')).toBeUndefined();
    expect(bench.queries.status().rib).toMatchObject({ prefixes: 0, paths: 0 });
    await bench.until('End-of-RIB', () => router.of(2).length === 1);
  });

  it('has its routes shown as received, with the LOCAL_PREF of an internal one, which is not used', async () => {
    await bench.reload(config(internal));
    const sibling = await connect('127.0.1.4', 65002);
    const node = await connect('127.0.1.1', 65001);
    announce(sibling, [65001], 100, [attribute(0x40, 5, [0, 0, 0, 200])]);
    sibling.send(endOfRib);
    announce(node, [65001], 100);
    await coherent('same');
    await bench.until('the table', () => bench.peer('RS4').prefixes.received === 1);
    const shown = bench.queries.peerRoutes('RS4', 'received', { limit: 10 })?.items;
    expect(shown).toEqual([
      expect.objectContaining({
        prefix: '192.0.2.1/32',
        peer: 'RS4',
        local_pref: 200,
        med: 100,
        accepted: false,
        best: false,
      }),
    ]);
    expect(bench.queries.peerRoutes('RS4', 'accepted', { limit: 10 })?.items).toEqual([]);
    expect(bench.queries.routes({}, { limit: 10 }).items.map(({ peer }) => peer)).toEqual(['W1']);
  });

  it('is sent its End-of-RIB and nothing else', async () => {
    const sibling = await connect('127.0.1.4', 65002);
    const node = await connect('127.0.1.1', 65001);
    announce(node, [65001], 100);
    await bench.until('ours', () => bench.queries.explain('192.0.2.1/32') !== undefined);
    await bench.until('End-of-RIB', () => sibling.of(2).length === 1);
    await bench.pause(50);
    expect(sibling.of(2).length).toBe(1);
  });

  it('may send what a peer may not: our AS, another first AS, any next hop', async () => {
    const sibling = await connect('127.0.1.4', 65002);
    announce(sibling, [65009, 65002, 65003], 100);
    await bench.until('it', () => bench.daemon.siblings.route('RS4', web) !== undefined);
  });

  it('of our own AS is an ordinary internal neighbor', async () => {
    await bench.close();
    bench = await Bench.start(config(internal));
    const sibling = await connect('127.0.1.4', 65002);
    announce(sibling, [65001], 100, [attribute(0x40, 5, [0, 0, 0, 200])]);
    sibling.send(endOfRib);
    await bench.until('it', () => bench.daemon.siblings.route('RS4', web)?.med === 100);
    expect(bench.peer('RS4').update_errors ?? []).toEqual([]);
  });

  it('that is down, or has not sent End-of-RIB, makes the state unknown', async () => {
    const { siblings } = bench.daemon;
    expect(siblings.unknown('RS4')).toBe('its observer session is down');
    const sibling = await connect('127.0.1.4', 65002);
    announce(sibling, [65001], 100);
    await bench.until('it', () => siblings.route('RS4', web) !== undefined);
    expect(siblings.unknown('RS4')).toBe('it has not sent its End-of-RIB yet');
    sibling.send(endOfRib);
    await bench.until('all', () => siblings.unknown('RS4') === undefined);
    sibling.close();
    await bench.until('the end', () => siblings.unknown('RS4') === 'its observer session is down');
    await bench.until('gone', () => siblings.route('RS4', web) === undefined);
  });
});
