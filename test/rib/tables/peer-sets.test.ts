import { expect, test } from 'vitest';
import type { PeerId } from '#policy/ids.ts';
import { maskOf, PeerSets } from '#rib/tables/peer-sets.ts';
import { dice } from '#support/dice.ts';
import { Lab } from '../given.ts';

test('an unreferenced set is freed, and its id is given to another', () => {
  const sets = new PeerSets();
  const masks = [1, 40, 70, 900].map((id) => maskOf(id as PeerId) | 1n);
  const ids = masks.map((mask) => sets.intern(mask));
  const named = new Uint8Array(sets.limit);
  named[ids[1]] = 1;
  named[ids[3]] = 1;
  expect(sets.sweep(named)).toBe(true);
  expect(sets.sweep(named)).toBe(false);
  expect(sets.size).toBe(2);
  expect(sets.intern(masks[1])).toBe(ids[1]);
  expect(sets.intern(masks[3])).toBe(ids[3]);
  expect(sets.mask(sets.intern(5n << 80n))).toBe(5n << 80n);
  expect(sets.limit).toBe(named.length);
});

test('clients that join and leave leave no sets of peers behind', () => {
  const it = new Lab();
  it.announce(1, '2001:db8:30::1/128', 100);
  it.settle();
  const { settings } = it.rib.peer(it.clients[0]);
  const held: PeerId[] = [];
  for (let round = 0; round < 3000; round++) {
    held.push(it.rib.addPeer({ ...settings, address: addressOf(round) }));
    const gone = held.length > 20 ? held.splice(round % 20, 1) : [];
    for (const id of gone) it.rib.removePeer(id);
    it.settle();
  }
  expect(it.rib.peerSets.limit).toBeLessThan(2100);
});

test('the five thousandth client that joins, is sent the table and leaves costs as much as the first', () => {
  const it = new Lab();
  for (let at = 1; at <= 20; at++) it.announce(1, `2001:db8:30::${at}/128`, 100);
  it.settle();
  const { settings } = it.rib.peer(it.clients[0]);
  const join = (round: number): PeerId => {
    const id = it.rib.addPeer({ ...settings, address: addressOf(round) });
    it.up(id, round + 1);
    return id;
  };
  const standing = Array.from({ length: 40 }, (_, at) => join(5000 + at));
  it.settle();
  const { read } = it.attrs;
  const roll = dice(1);
  let work = 0;
  it.attrs.read = (id) => {
    work++;
    return read.call(it.attrs, id);
  };
  const perThousand = Array.from({ length: 5 }, (_, thousand) => {
    work = 0;
    for (let round = 0; round < 1000; round++) {
      const joined = join(thousand * 1000 + round);
      standing.push(joined);
      for (; it.rib.hasWork; work++) it.rib.work(1);
      expect(it.routerOf(joined).routes.size).toBe(20);
      // Twenty leave together, different ones each time, so that those that remain are a set that is new.
      const leaving = round % 20 === 19 ? 20 : 0;
      for (let left = 0; left < leaving; left++) {
        const at = roll.below(standing.length);
        it.rib.removePeer(standing.splice(at, 1)[0]);
      }
      for (; it.rib.hasWork; work++) it.rib.work(1);
    }
    return work;
  });
  // A single sweep of shares makes a difference of twenty slices.
  expect(Math.max(...perThousand) - Math.min(...perThousand)).toBeLessThanOrEqual(40);
  expect(it.rib.peerSets.limit).toBeLessThan(2100);
});

function addressOf(round: number): Uint8Array {
  const address = new Uint8Array(16);
  new DataView(address.buffer).setUint32(12, round + 1000);
  return address;
}

const count = 3000;

function masksFrom(bit: bigint): bigint[] {
  return Array.from({ length: count }, (_, at) => BigInt(at + 1) << bit);
}

/** Returns the least time of five, because other work of the machine only adds to it. */
function timeToIntern(masks: readonly bigint[]): number {
  const rounds = Array.from({ length: 5 }, () => {
    const sets = new PeerSets();
    const startMs = performance.now();
    for (const mask of masks) sets.intern(mask);
    return performance.now() - startMs;
  });
  return Math.min(...rounds);
}

test('sets with the same lowest 64 bits cost no more to find than others', () => {
  // It is about twice as much, but would be a thousand times as much in a Map that looks only at those bits.
  expect(timeToIntern(masksFrom(90n)) / timeToIntern(masksFrom(0n))).toBeLessThan(50);
});
