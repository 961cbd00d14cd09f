import { describe, expect, test } from 'vitest';
import { Lab } from './given.ts';

const one = '2001:db8:30::1/128';

describe('while the start is held back', () => {
  test('neither routes nor End-of-RIB go out, and then both do, the routes once', () => {
    const it = new Lab();
    it.rib.holdBack(true);
    it.announce(1, one, 200);
    it.announce(2, one, 100);
    it.settle();
    const router = it.routerOf(it.clients[0]);
    expect([router.messages, ...router.endOfRibs]).toEqual([0, 0, 0]);
    it.rib.holdBack(false);
    it.settle();
    expect(router.routes.get(one)?.med).toBe(100);
    expect([router.announced, ...router.endOfRibs]).toEqual([1, 1, 1]);
  });

  test('a router that comes meanwhile is told the same as the others', () => {
    const it = new Lab();
    it.rib.holdBack(true);
    it.announce(1, one, 200);
    it.rib.peerDown(it.clients[0]);
    it.up(it.clients[0], 0x01010102);
    it.rib.holdBack(false);
    it.settle();
    const router = it.routerOf(it.clients[0]);
    expect([router.announced, ...router.endOfRibs]).toEqual([1, 1, 1]);
  });
});

function shadowed(): Lab {
  const it = new Lab();
  const [client] = it.clients;
  it.rib.peerDown(client);
  it.rib.replaceSettings(client, { ...it.rib.peer(client).settings, isShadow: true });
  it.up(client, 0x01010102);
  it.announce(1, one, 100);
  it.settle();
  return it;
}

describe('a client in the shadow', () => {
  test('is sent nothing at all, not even End-of-RIB, and others are not touched', () => {
    const it = shadowed();
    const [hidden, other] = it.clients.map((client) => it.routerOf(client));
    expect([hidden.messages, ...hidden.endOfRibs]).toEqual([0, 0, 0]);
    expect(it.rib.advertisedCount(it.clients[0], 1)).toBe(0);
    expect(other.routes.size).toBe(1);
  });

  test('goes live without a reset: the whole table, then End-of-RIB', () => {
    const it = shadowed();
    const [client] = it.clients;
    it.rib.replaceSettings(client, { ...it.rib.peer(client).settings, isShadow: false });
    it.settle();
    const router = it.routerOf(client);
    expect([router.routes.size, ...router.endOfRibs]).toEqual([1, 1, 1]);
    expect(it.rib.advertisedCount(client, 1)).toBe(1);
  });
});
