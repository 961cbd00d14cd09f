import { describe, expect, test } from 'vitest';
import { steps } from '#rib/decision-steps.ts';
import { Lab, sendSettings } from './given.ts';

const one = '2001:db8:30::1/128';
const two = '2001:db8:30::2/128';
const noLongLived = 0xffff0007;
const longLivedStale = 0xffff0006;

function lab(): Lab {
  const it = new Lab();
  it.announce(1, one, 100);
  it.announce(1, two, 100);
  it.announce(2, one, 200);
  it.settle();
  return it;
}

/** Returns the last octet of the next hop that the first router has for the prefix, which is that of the node. */
function nodeOf(it: Lab, prefix: string): number | undefined {
  return it.routerOf(it.clients[0]).routes.get(prefix)?.nextHop.at(-1);
}

describe('enhanced route refresh (RFC 7313 §4)', () => {
  test('what is not announced again between BoRR and EoRR is removed, and everything else stays', () => {
    const it = lab();
    const { messages } = it.routerOf(it.clients[0]);
    it.rib.markStale(it.nodes[0], 1);
    it.announce(1, two, 100);
    it.rib.endStale(it.nodes[0], 1);
    it.settle();
    expect(nodeOf(it, one)).toBe(0x12);
    expect(nodeOf(it, two)).toBe(0x11);
    expect(it.routerOf(it.clients[0]).messages).toBe(messages + 1);
    expect(it.rib.peer(it.nodes[0]).counts[1]).toMatchObject({ received: 1, accepted: 1 });
  });

  test('a changed announcement is fresh too', () => {
    const it = lab();
    it.rib.markStale(it.nodes[0], 1);
    it.announce(1, one, 150);
    it.announce(1, two, 100);
    it.rib.endStale(it.nodes[0], 1);
    it.settle();
    expect([nodeOf(it, one), nodeOf(it, two)]).toEqual([0x11, 0x11]);
  });
});

describe('graceful restart (RFC 4724 §4.2)', () => {
  test('kept paths continue to serve while the peer is away, and are removed when the time is over', () => {
    const it = lab();
    it.rib.peerDown(it.nodes[0], [false, true]);
    it.settle();
    expect([nodeOf(it, one), nodeOf(it, two)]).toEqual([0x11, 0x11]);
    it.rib.endStale(it.nodes[0], 1);
    it.settle();
    expect([nodeOf(it, one), nodeOf(it, two)]).toEqual([0x12, undefined]);
    expect(it.rib.families[1].tables.prefixes.size).toBe(1);
  });

  test('a peer that comes back with the same routes moves nothing', () => {
    const it = lab();
    const { messages } = it.routerOf(it.clients[0]);
    it.rib.peerDown(it.nodes[0], [false, true]);
    it.settle();
    it.up(it.nodes[0], 0x0101010b);
    it.announce(1, one, 100);
    it.announce(1, two, 100);
    it.rib.endStale(it.nodes[0], 1);
    it.settle();
    expect(it.routerOf(it.clients[0]).messages).toBe(messages);
  });

  test('a peer that is removed while it is away loses its kept paths', () => {
    const it = lab();
    it.rib.peerDown(it.nodes[0], [false, true]);
    it.rib.removePeer(it.nodes[0]);
    it.settle();
    expect([nodeOf(it, one), nodeOf(it, two)]).toEqual([0x12, undefined]);
  });
});

function away(): Lab {
  const it = lab();
  it.announce(1, '2001:db8:30::3/128', 100, { communities: [noLongLived] });
  it.settle();
  it.rib.peerDown(it.nodes[0], [false, true]);
  it.rib.keepLongLived(it.nodes[0], 1);
  it.settle();
  return it;
}

describe('long-lived graceful restart (RFC 9494)', () => {
  test('a long-lived stale path is the last resort, whatever its MED', () => {
    const it = away();
    expect(nodeOf(it, one)).toBe(0x12);
    const { tables } = it.rib.families[1];
    const [best, last] = tables.decision.ranked(tables.paths.first(1 as never));
    const step = steps.findIndex(({ name }) => name === 'class');
    expect(tables.decision.value(step, best)).toBe(0);
    expect(tables.decision.value(step, last)).toBe(2);
  });

  test('it is withheld from a router without the capability, and marked for one with it', () => {
    const it = away();
    expect(nodeOf(it, two)).toBeUndefined();
    it.rib.peerDown(it.clients[0]);
    it.up(it.clients[0], 0x01010102, { ...sendSettings, longLived: true });
    it.settle();
    expect(it.routerOf(it.clients[0]).routes.get(two)?.communities).toEqual([longLivedStale]);
  });

  test('a path with NO_LLGR is not kept', () => {
    expect(nodeOf(away(), '2001:db8:30::3/128')).toBeUndefined();
  });

  test('a route that is announced again unchanged is an ordinary one again', () => {
    const it = away();
    it.up(it.nodes[0], 0x0101010b);
    it.announce(1, one, 100);
    it.announce(1, two, 100);
    it.settle();
    expect([nodeOf(it, one), nodeOf(it, two)]).toEqual([0x11, 0x11]);
    expect(it.routerOf(it.clients[0]).routes.get(two)?.communities).toEqual([]);
  });
});
