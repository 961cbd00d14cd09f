import { describe, expect, test } from 'vitest';
import { Lab, sendSettings } from './given.ts';

const one = '2001:db8:30::1/128';
const two = '2001:db8:30::2/128';
const many = { ...sendSettings, addPath: [false, true], longLived: true };

/** Returns a lab whose first router takes several paths of a prefix (RFC 7911), and the second a single one. */
function lab(): Lab {
  const it = new Lab();
  const [client] = it.clients;
  it.rib.peerDown(client);
  it.rib.replaceSettings(client, { ...it.rib.peer(client).settings, mayAddPath: true });
  it.settle();
  it.up(client, 0x01010102, many);
  it.settle();
  return it;
}

/** Returns `prefix node/med` for everything that the ADD-PATH client holds. */
function held(it: Lab): string[] {
  const { paths } = it.routerOf(it.clients[0]);
  return [...paths.values()]
    .map(({ prefix, route }) => `${prefix} ${route.nextHop.at(-1)?.toString(16)}/${route.med}`)
    .sort();
}

describe('a client that takes several paths', () => {
  test('holds every accepted path, and the other clients hold the best', () => {
    const it = lab();
    it.announce(1, one, 100);
    it.announce(2, one, 200);
    it.announce(3, two, 300);
    it.settle();
    expect(held(it)).toEqual([`${one} 11/100`, `${one} 12/200`, `${two} 13/300`]);
    expect(it.routerOf(it.clients[1]).routes.size).toBe(2);
    expect(it.view.advertisedCount(it.clients[0], 1)).toBe(3);
  });

  test('is sent changes and the withdrawal of a path that is not the best', () => {
    const it = lab();
    it.announce(1, one, 100);
    it.announce(2, one, 200);
    it.settle();
    it.announce(2, one, 250);
    it.settle();
    expect(held(it)).toEqual([`${one} 11/100`, `${one} 12/250`]);
    it.withdraw(2, one);
    it.settle();
    expect(held(it)).toEqual([`${one} 11/100`]);
    it.withdraw(1, one);
    it.settle();
    expect(held(it)).toEqual([]);
    expect(it.rib.families[1].tables.prefixes.size).toBe(0);
  });

  test('loses the path of a node that dies, even when its row is used again at once', () => {
    const it = lab();
    it.announce(1, one, 100);
    it.announce(2, one, 200);
    it.settle();
    it.rib.peerDown(it.nodes[0]);
    it.announce(3, one, 300);
    it.settle();
    expect(held(it)).toEqual([`${one} 12/200`, `${one} 13/300`]);
  });

  test('that connects late is sent everything, then End-of-RIB once', () => {
    const it = lab();
    it.announce(1, one, 100);
    it.announce(2, one, 200);
    it.settle();
    it.rib.peerDown(it.clients[0]);
    it.announce(3, one, 300);
    it.up(it.clients[0], 0x01010102, many);
    it.settle(1);
    expect(held(it)).toEqual([`${one} 11/100`, `${one} 12/200`, `${one} 13/300`]);
    expect(it.routerOf(it.clients[0]).endOfRibs).toEqual([1, 1]);
  });

  test('that reads slowly misses nothing once it reads again', () => {
    const it = lab();
    it.announce(1, one, 100);
    it.announce(2, one, 200);
    it.settle();
    it.rib.setLagging(it.clients[0], true);
    it.withdraw(1, one);
    it.announce(2, one, 222);
    it.announce(3, two, 300);
    it.settle();
    expect(held(it)).toEqual([`${one} 11/100`, `${one} 12/200`]);
    it.rib.setLagging(it.clients[0], false);
    it.settle();
    expect(held(it)).toEqual([`${one} 12/222`, `${two} 13/300`]);
  });

  test('whose shadow begins in the middle of a prefix keeps no path of it', () => {
    const it = new Lab();
    it.announce(1, one, 100);
    it.announce(2, one, 200);
    it.settle();
    const [client] = it.clients;
    it.rib.peerDown(client);
    it.rib.replaceSettings(client, { ...it.rib.peer(client).settings, mayAddPath: true });
    it.settle();
    it.up(client, 0x01010102, many);
    it.rib.work(1);
    expect(held(it)).toHaveLength(1);
    it.shadow(client, true);
    it.settle();
    expect(held(it)).toEqual([]);
  });

  test('that reads nothing costs nothing for a route that is repeatedly announced and withdrawn', () => {
    const it = lab();
    it.rib.setLagging(it.clients[0], true);
    for (let round = 0; round < 100; round++) {
      it.announce(1, one, round);
      it.settle();
      it.withdraw(1, one);
      it.settle();
    }
    const router = it.routerOf(it.clients[0]);
    const before = router.withdrawn;
    it.rib.setLagging(it.clients[0], false);
    it.settle();
    expect(router.withdrawn - before).toBe(0);
    expect(held(it)).toEqual([]);
  });

  test('that reads nothing keeps no prefix that came and went', () => {
    const it = lab();
    it.announce(1, one, 100);
    it.settle();
    it.rib.setLagging(it.clients[0], true);
    for (let round = 0; round < 100; round++) {
      const prefix = `2001:db8:31::${round}/128`;
      it.announce(1, prefix, 100);
      it.announce(2, prefix, 200);
      it.settle();
      it.withdraw(1, prefix);
      it.settle();
      it.withdraw(2, prefix);
      it.settle();
    }
    const { prefixes } = it.rib.families[1].tables;
    expect(prefixes.size).toBe(1);
    it.withdraw(1, one);
    it.announce(3, two, 300);
    it.settle();
    expect(prefixes.size).toBe(2);
    it.rib.setLagging(it.clients[0], false);
    it.settle();
    expect(held(it)).toEqual([`${two} 13/300`]);
    expect(it.routerOf(it.clients[0]).withdrawn).toBe(1);
    expect(prefixes.size).toBe(1);
  });

  test('that reads nothing keeps its paths of a prefix beside others that came and went', () => {
    const it = lab();
    it.announce(1, one, 100);
    it.settle();
    it.rib.setLagging(it.clients[0], true);
    it.announce(1, one, 150);
    it.announce(2, one, 200);
    it.settle();
    it.withdraw(2, one);
    it.settle();
    it.rib.setLagging(it.clients[0], false);
    it.settle();
    expect(held(it)).toEqual([`${one} 11/150`]);
  });

  test('that requests a refresh is sent everything again', () => {
    const it = lab();
    it.announce(1, one, 100);
    it.announce(2, one, 200);
    it.settle();
    const { announced } = it.routerOf(it.clients[0]);
    it.rib.sendAgain(it.clients[0], 1, true);
    it.settle();
    expect(it.routerOf(it.clients[0]).announced).toBe(announced + 2);
    expect(held(it)).toHaveLength(2);
  });

  test('is not sent a drained path while another one can take its traffic', () => {
    const it = lab();
    it.announce(1, one, 100);
    it.announce(2, one, 200);
    it.rib.setDrained(it.nodes[0], true);
    it.settle();
    expect(held(it)).toEqual([`${one} 12/200`]);
    it.withdraw(2, one);
    it.settle();
    expect(held(it)).toEqual([`${one} 11/100`]);
    it.announce(2, one, 200);
    it.settle();
    expect(held(it)).toEqual([`${one} 12/200`]);
    it.rib.setDrained(it.nodes[0], false);
    it.settle();
    expect(held(it)).toEqual([`${one} 11/100`, `${one} 12/200`]);
  });

  test('is also not sent a path that is both drained and long-lived stale (RFC 9494)', () => {
    const it = lab();
    it.announce(1, one, 100, { communities: [0xffff_0006] });
    it.announce(2, one, 200);
    it.rib.setDrained(it.nodes[0], true);
    it.settle();
    expect(held(it)).toEqual([`${one} 12/200`]);
  });

  test('keeps the drained path of a service if the MEDs of the others mean down', () => {
    const it = lab();
    it.rib.setServices({
      serviceOf: () => 1,
      bands: [{ up: { min: 0, max: 499 }, disabled: { min: 500, max: 999 } }],
    });
    it.announce(1, one, 100);
    it.announce(2, one, 1000);
    it.rib.setDrained(it.nodes[0], true);
    it.settle();
    expect(held(it)).toEqual([`${one} 11/100`, `${one} 12/1000`]);
  });
});
