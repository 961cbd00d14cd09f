import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttrsId, PeerId, PrefixId, ShareId } from '#policy/ids.ts';
import { CatchUp } from '#rib/out/catch-up.ts';
import { RibPeer } from '#rib/rib-peer.ts';
import { maskOf, PeerSets } from '#rib/tables/peer-sets.ts';
import { ShareTable } from '#rib/tables/share-table.ts';
import { address, exportOf, importOf, prefix, route } from '../../policy/given.ts';
import { announcement, Lab, RibUnderTest, sendSettings, withdrawal } from '../given.ts';

const services = ['2001:db8:30::1/128', '2001:db8:30::2/128', '2001:db8:30::3/128'];

/** Returns a lab where W1 announces the three service addresses, and W2 the first one too, with a worse MED. */
function lab(): Lab {
  const it = new Lab();
  for (const text of services) it.announce(1, text, 100);
  it.announce(2, services[0], 200);
  it.settle();
  return it;
}

describe('a client that is new', () => {
  test('is sent one message for equal attributes, and End-of-RIB after the routes', () => {
    const it = lab();
    const [client] = it.clients;
    it.rib.peerDown(client);
    it.up(client, 2);
    it.rib.work(2);
    expect(it.routerOf(client).routes.size).toBe(2);
    expect(it.routerOf(client).endOfRibs).toEqual([1, 0]);
    it.settle();
    expect(it.routerOf(client).endOfRibs).toEqual([1, 1]);
    expect(it.routerOf(client).messages).toBe(4);
  });

  test('is not sent what is removed before its turn, and is sent what changes once', () => {
    const it = lab();
    const [client] = it.clients;
    it.rib.peerDown(client);
    it.up(client, 2);
    it.withdraw(1, services[1]);
    it.announce(1, services[2], 50);
    it.settle();
    const router = it.routerOf(client);
    expect([...router.routes].map(([text, { med }]) => [text, med])).toEqual([
      [services[0], 100],
      [services[2], 50],
    ]);
    expect(router.announced).toBe(2);
  });

  test('added to a full table, is sent End-of-RIB after the table and not before', () => {
    const it = lab();
    const exported = exportOf({ interpretWellKnown: true });
    const settings = it.settings(importOf({ peerName: 'DR7', policy: 'none' }), exported);
    const late = it.rib.addPeer({ ...settings, address: address('2001:db8:1::7') });
    it.up(late, 7);
    for (let i = 0; i < 20 && it.routerOf(late).endOfRibs[1] === 0; i++) it.rib.work(1);
    expect(it.routerOf(late).routes.size).toBe(3);
  });
});

describe('a refresh', () => {
  test('is answered with everything again', () => {
    const it = lab();
    const router = it.routerOf(it.clients[0]);
    it.rib.sendAgain(it.clients[0], 1, false);
    it.settle();
    expect(router.announced).toBe(6);
    expect(router.endOfRibs).toEqual([1, 1]);
    expect(it.routerOf(it.clients[1]).announced).toBe(3);
  });

  test('is enclosed in BoRR and EoRR if enhanced (RFC 7313 §4)', () => {
    const it = lab();
    const router = it.routerOf(it.clients[0]);
    it.rib.sendAgain(it.clients[0], 1, true);
    expect(router.isRefreshing[1]).toBe(true);
    it.settle();
    expect(router.begun).toEqual([0, 1]);
    expect(router.isRefreshing[1]).toBe(false);
    expect(router.announced).toBe(6);
  });

  test('requested repeatedly is answered once more when the answer in progress is complete', () => {
    const it = lab();
    const [client] = it.clients;
    const router = it.routerOf(client);
    for (let i = 0; i < 50; i++) it.rib.sendAgain(client, 1, true);
    it.rib.work(1);
    for (let i = 0; i < 50; i++) it.rib.sendAgain(client, 1, true);
    it.settle();
    expect(router.begun).toEqual([0, 2]);
    expect(router.isRefreshing[1]).toBe(false);
    expect(router.announced).toBe(9);
  });

  // RFC 7313 §4: BoRR "MUST NOT" be sent before End-of-RIB; the router table throws if it is.
  const moments: readonly (readonly [string, (it: Lab, client: PeerId) => void])[] = [
    ['before anything of it is sent', () => undefined],
    ['while it is under way', (it) => it.rib.work(1)],
    ['while the start is held back', (it) => it.rib.holdBack(true)],
    ['of a client that reads nothing', (it, client) => it.rib.setLagging(client, true)],
  ];
  describe.each([
    ['a client', sendSettings],
    ['a client that takes several paths', { ...sendSettings, addPath: [true, true] }],
  ] as const)('of %s during the first table', (_, send) => {
    test.each(moments)('is answered after End-of-RIB: %s', (__, pass) => {
      const it = lab();
      const [client] = it.clients;
      const { settings } = it.rib.peer(client);
      it.rib.peerDown(client);
      it.rib.replaceSettings(client, { ...settings, mayAddPath: true });
      it.up(client, 2, send);
      pass(it, client);
      it.rib.sendAgain(client, 1, true);
      it.rib.holdBack(false);
      it.rib.setLagging(client, false);
      it.settle();
      const router = it.routerOf(client);
      expect(router.endOfRibs).toEqual([1, 1]);
      expect(router.begun).toEqual([0, 1]);
      expect(router.isRefreshing[1]).toBe(false);
    });
  });

  test('of a client that came before any share was determined is answered after End-of-RIB', () => {
    const it = new Lab();
    const [client] = it.clients;
    it.rib.sendAgain(client, 1, true);
    it.rib.sendAgain(client, 0, false);
    it.announce(1, services[0], 100);
    it.settle();
    const router = it.routerOf(client);
    expect(router.endOfRibs).toEqual([1, 1]);
    expect(router.begun).toEqual([0, 1]);
    expect(router.routes.size).toBe(1);
  });
});

describe('a client that reads too slowly', () => {
  test('keeps no prefix that came and went meanwhile, and is not sent it', () => {
    const it = lab();
    const [slow] = it.clients;
    it.rib.setLagging(slow, true);
    for (let number = 0; number < 50; number++) {
      it.announce(2, `2001:db8:30::a:${number}/128`, 100);
      it.settle();
      it.announce(2, `2001:db8:30::a:${number}/128`, 200);
      it.withdraw(1, services[0]);
      it.settle();
      it.withdraw(2, `2001:db8:30::a:${number}/128`);
      it.announce(1, services[0], number);
      it.settle();
    }
    expect(it.rib.families[1].tables.prefixes.size).toBe(3);
    const { withdrawn, announced } = it.routerOf(slow);
    it.rib.setLagging(slow, false);
    it.settle();
    expect(it.routerOf(slow).withdrawn - withdrawn).toBe(0);
    expect(it.routerOf(slow).announced - announced).toBe(1);
    expect(it.routerOf(slow).routes.get(services[0])?.med).toBe(49);
  });

  test('is sent nothing while others are, then what it missed, once', () => {
    const it = lab();
    const [slow, quick] = it.clients;
    it.rib.setLagging(slow, true);
    for (const med of [10, 20, 30]) {
      it.announce(1, services[0], med);
      it.settle();
    }
    it.withdraw(1, services[1]);
    it.settle();
    expect(it.routerOf(quick).announced).toBe(6);
    expect(it.routerOf(slow).announced).toBe(3);
    it.rib.setLagging(slow, false);
    it.settle();
    expect(it.routerOf(slow).announced).toBe(4);
    expect(it.routerOf(slow).routes).toEqual(it.routerOf(quick).routes);
  });

  test('keeps the id of a prefix that it must still withdraw', () => {
    const it = lab();
    it.rib.setLagging(it.clients[0], true);
    it.withdraw(1, services[1]);
    it.settle();
    it.announce(1, '2001:db8:30::99/128', 1);
    it.rib.setLagging(it.clients[0], false);
    it.settle();
    expect(it.routerOf(it.clients[0]).routes).toEqual(it.routerOf(it.clients[1]).routes);
    expect(it.rib.families[1].tables.prefixes.size).toBe(3);
  });
});

test('what does not change is not sent again', () => {
  const it = lab();
  const router = it.routerOf(it.clients[0]);
  it.announce(1, services[0], 100);
  it.announce(2, services[0], 150);
  it.rib.replaceSettings(it.nodes[0], { ...it.rib.peer(it.nodes[0]).settings, name: 'W1' });
  it.settle();
  expect(router.announced).toBe(3);
  expect(router.withdrawn).toBe(0);
});

test('a change that concerns another client is not sent', () => {
  const it = lab();
  const [best] = it.nodes;
  const { settings } = it.rib.peer(best);
  const { exportJudge } = it.rib.peer(it.clients[0]).settings;
  it.rib.replaceSettings(best, { ...settings, ...(exportJudge !== undefined && { exportJudge }) });
  it.settle();
  expect(it.routerOf(best).routes.get(services[0])?.med).toBe(200);
  const announced = it.clients.map((client) => it.routerOf(client).announced);
  it.announce(3, services[0], 150);
  it.settle();
  expect(it.routerOf(best).routes.get(services[0])?.med).toBe(150);
  expect(it.clients.map((client) => it.routerOf(client).announced)).toEqual(announced);
});

test('clients with 2-octet AS numbers get the same routes in bytes of their own', () => {
  const it = new Lab();
  const [client] = it.clients;
  it.rib.peerDown(client);
  it.up(client, 2, { ...sendSettings, asnBytes: 2 });
  const asPath = [{ kind: 'sequence', asns: [65001, 4_200_000_001] }] as const;
  it.announce(1, services[0], 1, { asPath });
  it.settle();
  expect(it.routerOf(client).routes.get(services[0])?.asPath).toEqual(asPath);
  expect(it.routerOf(client).routes).toEqual(it.routerOf(it.clients[1]).routes);
});

test('attributes that leave no space for a prefix are not sent, and what was sent is withdrawn', () => {
  const it = new Lab();
  it.announce(1, services[0], 1);
  it.settle();
  const communities = Array.from({ length: 1003 }, (_, i) => i + 1);
  const big = route({ nextHop: address('2001:db8:6::11'), communities });
  const [client, roomy] = it.clients;
  it.rib.peerDown(roomy);
  it.up(roomy, 6, { ...sendSettings, maxMessageBytes: 65_535 });
  it.receive(it.nodes[0], announcement([{ prefix: prefix(services[0]) }], big));
  it.settle();
  expect(it.routerOf(client).routes.size).toBe(1);
  const huge = { ...big, communities: Array.from({ length: 1004 }, (_, i) => i + 1) };
  it.receive(
    it.nodes[0],
    announcement([{ prefix: prefix(services[0]) }], huge, { maxLength: 65_535 }),
  );
  it.settle();
  expect(it.routerOf(client).routes.size).toBe(0);
  expect(it.routerOf(roomy).routes.get(services[0])?.communities).toHaveLength(1004);
});

test('the id of a removed client is not reused until no share refers to it', () => {
  const it = lab();
  const [client] = it.clients;
  it.rib.removePeer(client);
  it.rib.work(1);
  const stranger = it.rib.addPeer(
    it.settings(importOf({ peerName: 'X', peerAddress: address('2001:db8:9::1') })),
  );
  it.up(stranger, 9);
  it.settle();
  expect(it.routerOf(stranger).announced).toBe(0);
  const later = it.rib.addPeer(
    it.settings(importOf({ peerName: 'Y', peerAddress: address('2001:db8:9::2') })),
  );
  expect(later).toBe(client);
});

test('a refusal for one peer does not apply to the next one with its id', () => {
  const under = new RibUnderTest();
  const refused = under.rib.addPeer(under.settings(importOf({ policy: 'none' })));
  under.up(refused, 1);
  under.receive(refused, announcement([{ prefix: prefix(services[0]) }], route()));
  under.rib.removePeer(refused);
  under.settle();
  const next = under.rib.addPeer(under.settings(importOf()));
  expect(next).toBe(refused);
  under.up(next, 1);
  under.receive(next, announcement([{ prefix: prefix(services[0]) }], route()));
  expect(under.rib.peer(next).counts[1].accepted).toBe(1);
});

test('if a drained best path is withdrawn meanwhile, the best of the others is sent', () => {
  const it = new Lab();
  it.announce(1, services[0], 100);
  it.announce(2, services[0], 150);
  it.announce(3, services[0], 300);
  it.settle();
  it.rib.setDrained(it.nodes[0], true);
  it.announce(3, services[0], 200);
  it.withdraw(1, services[0]);
  it.settle();
  expect(it.routerOf(it.clients[0]).routes.get(services[0])?.med).toBe(150);
});

test('a path identifier does not carry over to the next peer', () => {
  const it = new Lab();
  const attributes = route({ nextHop: address('2001:db8:6::11') });
  const addPath = { addPath: [true, true] };
  it.receive(
    it.nodes[0],
    announcement([{ prefix: prefix(services[0]), pathId: 9 }], attributes, { addPath: true }),
    0,
    addPath,
  );
  it.announce(2, services[0], 5);
  it.receive(it.nodes[1], withdrawal([{ prefix: prefix(services[0]) }]));
  expect(it.rib.peer(it.nodes[1]).counts[1].received).toBe(0);
});

describe('what a client awaits', () => {
  test('is sent share by share, each prefix once', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 3000 }), { maxLength: 80 });
    fc.assert(fc.property(ids, ids, comesOutOnce), { numRuns: 200 });
  });
});

function comesOutOnce(first: readonly number[], second: readonly number[]): void {
  const it = new Lab();
  const { tables } = it.rib.families[1];
  const shares = new ShareTable(new PeerSets(), 1);
  const client = 1 as PeerId;
  const shareOf = (id: number) =>
    shares.cons(maskOf(client), (1 + (id % 3)) as AttrsId, 0 as ShareId);
  for (const id of [...first, ...second])
    tables.adjRibOut.replace(id as PrefixId, shareOf(id), shares);
  const catchUp = new CatchUp(new RibPeer(client, it.rib.peer(it.nodes[0]).settings));
  for (const id of first) catchUp.add(id as PrefixId);
  const taken: number[] = [];
  while (taken.length < first.length / 2) taken.push(catchUp.take(tables));
  for (const id of second) catchUp.add(id as PrefixId);
  for (let id = catchUp.take(tables); id !== 0; id = catchUp.take(tables)) taken.push(id);
  const again = taken.slice(0, Math.ceil(first.length / 2)).filter((id) => second.includes(id));
  expect(taken.toSorted((a, b) => a - b)).toEqual(
    [...new Set([...first, ...second]), ...again].toSorted((a, b) => a - b),
  );
  expect(catchUp.isDone).toBe(true);
}
