import { describe, expect, test } from 'vitest';
import { Family } from '#wire/constants.ts';
import { importOf, policyOf, rule } from '../../policy/given.ts';
import { Lab, sendSettings } from '../given.ts';

const service = '2001:db8:30::1/128';
const other = '2001:db8:30::2/128';
const { ipv6Unicast } = Family;
const llgrStale = 0xffff0006;

/** Returns `prefix node/med` for everything that the first router holds. */
function held(lab: Lab): string[] {
  lab.settle();
  return [...lab.routerOf(lab.clients[0]).routes]
    .map(([text, it]) => `${text} ${it.nextHop.at(-1)?.toString(16)}/${it.med}`)
    .sort();
}

/**
 * Returns a lab where node 1 has announced two addresses best, and node 2 the first one too; then node 1 is lost, and
 * its routes are kept.
 */
function lost(): Lab {
  const lab = new Lab();
  lab.announce(1, service, 100);
  lab.announce(1, other, 100);
  lab.announce(2, service, 101);
  lab.settle();
  lab.rib.peerDown(lab.nodes[0], [false, true]);
  return lab;
}

/** Returns a lab where node 1 has announced as many addresses as its limit allows. */
function full(action: 'block' | 'restart'): Lab {
  const lab = new Lab();
  const imported = importOf({ peerName: 'W1' });
  const acceptedLimit = [undefined, { limit: 2, action }];
  lab.rib.replaceSettings(lab.nodes[0], lab.settings(imported, undefined, { acceptedLimit }));
  lab.announce(1, service, 100);
  lab.announce(1, other, 100);
  return lab;
}

const kept = [`${service} 11/100`, `${other} 11/100`];

function stale(lab: Lab): number {
  return lab.rib.peer(lab.nodes[0]).counts[ipv6Unicast].stale;
}

function back(lab: Lab): void {
  lab.up(lab.nodes[0], 0x0101010b);
}

function endStale(lab: Lab): void {
  lab.rib.endStale(lab.nodes[0], ipv6Unicast);
}

function keepLongLived(lab: Lab): void {
  lab.rib.keepLongLived(lab.nodes[0], ipv6Unicast);
}

describe('a peer that was lost', () => {
  test('keeps the best paths of the families that are kept, and nothing is sent', () => {
    const lab = lost();
    const { messages } = lab.routerOf(lab.clients[0]);
    expect(held(lab)).toEqual(kept);
    expect(stale(lab)).toBe(2);
    expect(lab.routerOf(lab.clients[0]).messages).toBe(messages);
  });

  test('loses the paths of the other families', () => {
    const lab = new Lab();
    lab.announce(1, service, 100);
    lab.settle();
    lab.rib.peerDown(lab.nodes[0], [true, false]);
    expect(held(lab)).toEqual([]);
    expect(stale(lab)).toBe(0);
  });

  test('may announce another MED, which takes effect at once; what it does not announce is removed', () => {
    const lab = lost();
    back(lab);
    lab.announce(1, service, 500);
    expect(held(lab)).toEqual([`${service} 12/101`, `${other} 11/100`]);
    endStale(lab);
    expect(held(lab)).toEqual([`${service} 12/101`]);
    expect(lab.rib.peer(lab.nodes[0]).counts[ipv6Unicast]).toMatchObject({ received: 1, stale: 0 });
  });

  test('ranks by its BGP identifier after it comes back with another one', () => {
    const lab = new Lab();
    lab.announce(1, service, 100);
    lab.announce(2, service, 100);
    expect(held(lab)).toEqual([`${service} 11/100`]);
    lab.rib.peerDown(lab.nodes[0], [false, true]);
    lab.up(lab.nodes[0], 0xffff_fffe);
    expect(held(lab)).toEqual([`${service} 12/100`]);
  });

  test('may withdraw what was kept', () => {
    const lab = lost();
    back(lab);
    lab.withdraw(1, other);
    expect(stale(lab)).toBe(1);
    expect(held(lab)).toEqual([`${service} 11/100`]);
  });

  test('is still judged by a new policy', () => {
    const lab = lost();
    const imported = importOf({ peerName: 'W1', policy: policyOf(rule('reject')) });
    lab.rib.replaceSettings(lab.nodes[0], lab.settings(imported));
    expect(held(lab)).toEqual([`${service} 12/101`]);
    expect(stale(lab)).toBe(2);
  });
});

describe('walks in progress when the peer comes and goes', () => {
  test('a sweep removes nothing that was announced after it was requested', () => {
    const lab = lost();
    back(lab);
    endStale(lab);
    lab.announce(1, service, 100);
    expect(held(lab)).toEqual([`${service} 11/100`]);
  });

  test('a sweep removes what was stale before a second loss, and nothing else', () => {
    const lab = lost();
    back(lab);
    lab.announce(1, service, 100);
    endStale(lab);
    lab.rib.peerDown(lab.nodes[0], [false, true]);
    expect(stale(lab)).toBe(1);
    expect(held(lab)).toEqual([`${service} 11/100`]);
  });

  test('the paths of a second loss are not long-lived before their time', () => {
    const lab = lost();
    keepLongLived(lab);
    back(lab);
    lab.announce(1, service, 100);
    lab.rib.peerDown(lab.nodes[0], [false, true]);
    const client = lab.routerOf(lab.clients[0]);
    expect(held(lab)).toEqual([`${service} 11/100`]);
    expect(client.routes.get(service)?.communities).toEqual([]);
  });

  test('what a limit blocked is accepted when a sweep has made space', () => {
    const lab = full('block');
    lab.rib.peerDown(lab.nodes[0], [false, true]);
    back(lab);
    lab.announce(1, service, 100);
    lab.announce(1, '2001:db8:30::9/128', 100);
    lab.settle();
    expect(lab.rib.peer(lab.nodes[0]).counts[ipv6Unicast].blocked).toBe(1);
    endStale(lab);
    expect(held(lab)).toEqual([`${service} 11/100`, '2001:db8:30::9/128 11/100']);
  });

  test('a limit does not count what a requested sweep will remove', () => {
    const lab = full('restart');
    lab.rib.markStale(lab.nodes[0], ipv6Unicast);
    endStale(lab);
    expect(lab.announce(1, '2001:db8:30::9/128', 100)).toBeUndefined();
    expect(held(lab)).toEqual(['2001:db8:30::9/128 11/100']);
  });
});

describe('a limit that ends the session, while the peer sends everything again', () => {
  const third = '2001:db8:30::9/128';

  test('is not reached by a prefix that comes and goes: as many may be new as are stale', () => {
    const lab = full('restart');
    lab.rib.markStale(lab.nodes[0], ipv6Unicast);
    for (let times = 0; times < 5; times++) {
      expect(lab.announce(1, third, 100)).toBeUndefined();
      lab.withdraw(1, third);
    }
    expect(lab.announce(1, third, 100)).toBeUndefined();
    expect(lab.announce(1, '2001:db8:30::a/128', 100)).toBeUndefined();
    expect(lab.announce(1, '2001:db8:30::b/128', 100)).toMatchObject({ limit: { limit: 2 } });
  });

  test('does not count prefixes that came in beyond another limit, which was in force before', () => {
    const lab = full('restart');
    lab.rib.markStale(lab.nodes[0], ipv6Unicast);
    lab.announce(1, service, 100);
    expect(lab.announce(1, third, 100)).toBeUndefined();
    const acceptedLimit = [undefined, { limit: 3, action: 'restart' as const }];
    const imported = importOf({ peerName: 'W1' });
    lab.rib.replaceSettings(lab.nodes[0], lab.settings(imported, undefined, { acceptedLimit }));
    lab.settle();
    expect(lab.announce(1, '2001:db8:30::a/128', 100)).toBeUndefined();
    endStale(lab);
    lab.settle();
    expect(lab.rib.peer(lab.nodes[0]).counts[ipv6Unicast].accepted).toBe(3);
  });
});

/** Returns a lab like `lost`, with a router that supports long-lived stale routes. */
function longLost(): Lab {
  const lab = lost();
  lab.rib.peerDown(lab.clients[0]);
  lab.up(lab.clients[0], 0x01010102, { ...sendSettings, longLived: true });
  keepLongLived(lab);
  return lab;
}

describe('long-lived (RFC 9494)', () => {
  test('its paths are the last resort, marked LLGR_STALE', () => {
    const lab = longLost();
    expect(held(lab)).toEqual([`${service} 12/101`, `${other} 11/100`]);
    const client = lab.routerOf(lab.clients[0]);
    expect(client.routes.get(other)?.communities).toEqual([llgrStale]);
    expect(stale(lab)).toBe(2);
  });

  test('its paths remain the last resort under another policy', () => {
    const lab = longLost();
    lab.settle();
    const set = policyOf(rule('accept', {}, { med: { kind: 'set', value: 0 } }));
    const imported = importOf({ peerName: 'W1', policy: set });
    lab.rib.replaceSettings(lab.nodes[0], lab.settings(imported));
    expect(held(lab)).toEqual([`${service} 12/101`, `${other} 11/0`]);
    expect(lab.routerOf(lab.clients[0]).routes.get(other)?.communities).toEqual([llgrStale]);
  });

  test('its paths are removed when their time is over', () => {
    const lab = longLost();
    lab.settle();
    endStale(lab);
    expect(held(lab)).toEqual([`${service} 12/101`]);
  });
});
