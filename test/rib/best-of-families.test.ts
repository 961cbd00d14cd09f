import { describe, expect, test } from 'vitest';
import type { PrefixId } from '#policy/ids.ts';
import { address, importOf, sequence } from '../policy/given.ts';
import { Lab } from './given.ts';

const firstPrefix = 1 as PrefixId;
const other = { asPath: [sequence(65004)] };

/** A lab whose nodes may have any neighbour AS and any next hop. */
function lenientLab(): Lab {
  const lab = new Lab();
  lab.nodes.forEach((node, index) => {
    const peerAddress = lab.rib.peer(node).settings.address;
    const given = { peerName: `W${index + 1}`, peerAddress, enforceFirstAs: false };
    lab.rib.replaceSettings(node, lab.settings(importOf({ ...given, acceptNextHop: 'any' })));
  });
  lab.settle();
  return lab;
}

/** Returns the peers of the accepted paths in order of rank. */
function ranking(lab: Lab, family: 0 | 1): number[] {
  const { paths, decision } = lab.rib.families[family].tables;
  return decision.ranked(paths.first(firstPrefix)).map((path) => paths.peer(path));
}

describe('MED among several neighbour ASes', () => {
  test('is not compared across them in a family whose attribute sets were first seen in the other family', () => {
    const lab = lenientLab();
    const nextHop = address('2001:db8:6::11');
    // 65001 with MED 10 and 50, 65004 with 20: not a total order, so the best is what elimination leaves.
    const said = [
      [1, 10, {}],
      [2, 20, other],
      [3, 50, {}],
    ] as const;
    for (const text of ['2001:db8:30::1/128', '198.51.100.1/32']) {
      for (const [node, med, more] of said) lab.announce(node, text, med, { nextHop, ...more });
    }
    lab.settle();
    const { tables } = lab.rib.families[0];
    expect(tables.decision.isTotal).toBe(false);
    expect(ranking(lab, 0)).toEqual(ranking(lab, 1));
  });

  test('is comparable again once the other AS has no path, whichever came first', () => {
    for (const stray of [1, 2]) {
      const lab = lenientLab();
      const { decision } = lab.rib.families[1].tables;
      for (const node of [1, 2, 3]) {
        lab.announce(node, '2001:db8:30::1/128', 100, node === stray ? other : {});
      }
      expect(decision.isTotal).toBe(false);
      lab.withdraw(stray, '2001:db8:30::1/128');
      expect(decision.isTotal).toBe(true);
    }
  });
});

test('a tie is decided by the address that a peer has after a reload', () => {
  const lab = new Lab();
  const [w1, w2] = lab.nodes;
  for (const node of [w1, w2]) lab.up(node, 7);
  lab.announce(1, '2001:db8:30::1/128', 100);
  lab.announce(2, '2001:db8:30::1/128', 100);
  lab.settle();
  expect(ranking(lab, 1)).toEqual([w1, w2]);
  const moved = importOf({
    peerName: 'W1',
    peerAddress: address('2001:db8:9::11'),
    acceptNextHop: 'any',
  });
  lab.rib.replaceSettings(w1, lab.settings(moved));
  lab.settle();
  expect(ranking(lab, 1)).toEqual([w2, w1]);
  const { tables } = lab.rib.families[1];
  expect(tables.paths.peer(tables.locRib.bestOf(firstPrefix))).toBe(w2);
});

test('a route that comes before the new rank of the best path is applied does not hide a better one', () => {
  const lab = new Lab();
  const [w1, w2, w3] = lab.nodes;
  const honours = (honourGracefulShutdown: boolean): void =>
    lab.rib.replaceSettings(w1, { ...lab.rib.peer(w1).settings, honourGracefulShutdown });
  honours(false);
  lab.announce(1, '2001:db8:30::1/128', 100, { communities: [0xffff0000] });
  lab.announce(2, '2001:db8:30::1/128', 200);
  lab.settle();
  expect(ranking(lab, 1)).toEqual([w1, w2]);
  honours(true);
  lab.announce(3, '2001:db8:30::1/128', 300);
  lab.settle();
  const { tables } = lab.rib.families[1];
  expect(ranking(lab, 1)).toEqual([w2, w3, w1]);
  expect(tables.paths.peer(tables.locRib.bestOf(firstPrefix))).toBe(w2);
});
