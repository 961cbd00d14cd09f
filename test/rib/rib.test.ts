import { expect, test } from 'vitest';
import { attribute, update } from '#support/raw-message.ts';
import { NotificationError } from '#wire/notification.ts';
import { Lab } from './given.ts';
import type { RouterTable } from './router-table.ts';

/** Returns `prefix node/med` for everything that a router holds. */
function held(router: RouterTable): string[] {
  return [...router.routes]
    .map(([text, it]) => `${text} ${it.nextHop.at(-1)?.toString(16)}/${it.med}`)
    .sort();
}

function announceLab(lab: Lab): void {
  const meds = [
    [102, 101, 100],
    [101, 100, 102],
    [100, 102, 101],
  ];
  meds.forEach((row, service) =>
    row.forEach((med, node) => lab.announce(node + 1, `2001:db8:30::${service + 1}/128`, med)),
  );
}

const atHome = [
  '2001:db8:30::1/128 13/100',
  '2001:db8:30::2/128 12/100',
  '2001:db8:30::3/128 11/100',
];

test('each router of the lab gets the best node of each service address', () => {
  const lab = new Lab();
  announceLab(lab);
  lab.settle();
  for (const client of lab.clients) {
    expect(held(lab.routerOf(client))).toEqual(atHome);
    expect(lab.routerOf(client).endOfRibs).toEqual([1, 1]);
  }
  for (const node of lab.nodes) expect(held(lab.routerOf(node))).toEqual([]);
});

test('an UPDATE that must end the session changes nothing, not even by its withdrawals', () => {
  const lab = new Lab();
  announceLab(lab);
  lab.settle();
  const unknownWellKnown = attribute(0x40, 255, [1]);
  const withdrawn = Buffer.from([32, 10, 0, 0, 1]);
  const route = Buffer.from([32, 10, 0, 0, 2]);
  const [node] = lab.nodes;
  const given = [
    attribute(0x40, 1, [0]),
    attribute(0x40, 2, []),
    attribute(0x40, 3, [10, 9, 9, 9]),
  ];
  lab.receive(node, update(given, withdrawn, Buffer.alloc(0)));
  const { received } = lab.rib.peer(node).counts[0];
  const bad = update([...given, unknownWellKnown], route, withdrawn);
  expect(() => lab.receive(node, bad)).toThrow(NotificationError);
  expect(lab.rib.peer(node).counts[0].received).toBe(received);
  expect(received).toBe(1);
});

test('a failed health check moves the address, and a recovered one moves it back, without any withdrawal', () => {
  const lab = new Lab();
  announceLab(lab);
  lab.settle();
  lab.announce(1, '2001:db8:30::3/128', 1000);
  lab.settle();
  const router = lab.routerOf(lab.clients[0]);
  expect(held(router)).toEqual([...atHome.slice(0, 2), '2001:db8:30::3/128 13/101']);
  lab.announce(1, '2001:db8:30::3/128', 100);
  lab.settle();
  expect(held(router)).toEqual(atHome);
  expect(router.withdrawn).toBe(0);
});

test('a dead node is replaced by the next, and the last one by nothing', () => {
  const lab = new Lab();
  announceLab(lab);
  lab.settle();
  lab.rib.peerDown(lab.nodes[0]);
  lab.rib.peerDown(lab.nodes[1]);
  lab.settle();
  const router = lab.routerOf(lab.clients[0]);
  expect(held(router)).toEqual([
    '2001:db8:30::1/128 13/100',
    '2001:db8:30::2/128 13/102',
    '2001:db8:30::3/128 13/101',
  ]);
  lab.rib.peerDown(lab.nodes[2]);
  lab.settle();
  expect(held(router)).toEqual([]);
  expect(lab.rib.families[1].tables.prefixes.size).toBe(0);
  expect(lab.rib.families[1].tables.paths.size).toBe(0);
});

test('a late router is sent the whole table, then End-of-RIB', () => {
  const lab = new Lab();
  announceLab(lab);
  lab.settle();
  lab.rib.peerDown(lab.clients[0]);
  lab.up(lab.clients[0], 7);
  expect(lab.routerOf(lab.clients[0]).routes.size).toBe(0);
  lab.settle();
  expect(held(lab.routerOf(lab.clients[0]))).toEqual(atHome);
  expect(lab.routerOf(lab.clients[0]).endOfRibs).toEqual([1, 1]);
});

test('attribute sets and shares without any reference are freed', () => {
  const lab = new Lab({ sweepAt: 16 });
  for (let med = 0; med < 2000; med++) {
    lab.announce(1, '2001:db8:30::1/128', med);
    lab.settle();
  }
  expect(lab.rib.attrs.size).toBeLessThan(64);
  expect(lab.rib.attrs.limit).toBeLessThan(64);
  expect(lab.rib.families[1].shares.size).toBeLessThan(64);
  expect(held(lab.routerOf(lab.clients[0]))).toEqual(['2001:db8:30::1/128 11/1999']);
});

test('a health check that flaps for long leaves no data behind', () => {
  const lab = new Lab();
  announceLab(lab);
  lab.settle();
  const sets = lab.rib.attrs.size;
  for (let i = 0; i < 500; i++) {
    lab.announce(1, '2001:db8:30::3/128', i % 2 === 0 ? 1000 : 100);
    lab.withdraw(2, '2001:db8:30::2/128');
    lab.settle();
    lab.announce(2, '2001:db8:30::2/128', 100);
    lab.settle();
  }
  const { tables } = lab.rib.families[1];
  expect(lab.rib.attrs.size).toBe(sets + 1);
  expect([tables.prefixes.limit, tables.paths.limit]).toEqual([4, 10]);
  expect(held(lab.routerOf(lab.clients[0]))).toEqual(atHome);
});
