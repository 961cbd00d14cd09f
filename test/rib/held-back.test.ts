import { describe, expect, test } from 'vitest';
import { Lab, sendSettings } from './given.ts';

const one = '2001:db8:30::1/128';
const two = '2001:db8:30::2/128';

describe('while the start is held back', () => {
  test('neither routes nor End-of-RIB are sent, and afterwards both are, the routes once', () => {
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

  test('a router that connects meanwhile is sent the same as the others', () => {
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
  it.shadow(client, true);
  it.up(client, 0x01010102);
  it.announce(1, one, 100);
  it.settle();
  return it;
}

describe('a client with shadow: true', () => {
  test('is sent nothing at all, not even End-of-RIB, and others are not touched', () => {
    const it = shadowed();
    const [hidden, other] = it.clients.map((client) => it.routerOf(client));
    expect([hidden.messages, ...hidden.endOfRibs]).toEqual([0, 0, 0]);
    expect(it.view.advertisedCount(it.clients[0], 1)).toBe(0);
    expect(other.routes.size).toBe(1);
  });

  test('is sent the whole table, then End-of-RIB, when shadow ends without a reset', () => {
    const it = shadowed();
    const [client] = it.clients;
    it.shadow(client, false);
    it.settle();
    const router = it.routerOf(client);
    expect([router.routes.size, ...router.endOfRibs]).toEqual([1, 1, 1]);
    expect(it.view.advertisedCount(client, 1)).toBe(1);
  });

  test('is sent withdrawals, and nothing more, when shadow begins again without a reset', () => {
    const it = new Lab();
    const [client, other] = it.clients;
    it.announce(1, one, 100);
    it.announce(2, two, 100);
    it.settle();
    it.shadow(client, true);
    it.announce(1, one, 200);
    it.withdraw(2, two);
    it.settle(1);
    const router = it.routerOf(client);
    expect([router.routes.size, ...router.endOfRibs]).toEqual([0, 1, 1]);
    expect(it.view.advertisedCount(client, 1)).toBe(0);
    const { messages } = router;
    it.announce(3, two, 300);
    it.settle();
    expect(router.messages).toBe(messages);
    expect(it.routerOf(other).routes.size).toBe(2);
  });

  test('ends with the whole table if shadow ends before everything is withdrawn', () => {
    const it = new Lab();
    const [client] = it.clients;
    for (let i = 1; i <= 40; i++) it.announce(1, `2001:db8:30::${i}/128`, i);
    it.settle();
    it.shadow(client, true);
    it.rib.work(3, () => true);
    it.withdraw(1, '2001:db8:30::40/128');
    it.shadow(client, false);
    it.settle();
    const router = it.routerOf(client);
    expect([router.routes.size, ...router.endOfRibs]).toEqual([39, 2, 2]);
  });

  test('that takes several paths of a prefix (RFC 7911) loses and gets every one', () => {
    const it = new Lab();
    const [client] = it.clients;
    it.rib.peerDown(client);
    it.rib.replaceSettings(client, { ...it.rib.peer(client).settings, mayAddPath: true });
    it.up(client, 0x01010102, { ...sendSettings, addPath: [false, true] });
    for (const node of [1, 2, 3]) it.announce(node, one, node);
    it.settle();
    const { paths } = it.routerOf(client);
    expect(paths.size).toBe(3);
    it.shadow(client, true);
    it.withdraw(3, one);
    it.announce(3, two, 300);
    it.settle(1);
    expect(paths.size).toBe(0);
    it.shadow(client, false);
    it.settle(1);
    expect(paths.size).toBe(3);
  });
});
