import { expect, test } from 'vitest';
import type { PeerId } from '#policy/ids.ts';
import { maskOf, PeerSets } from '#rib/tables/peer-sets.ts';
import { Lab } from '../given.ts';

test('a set that nothing names is freed, and its id is given to another', () => {
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

function addressOf(round: number): Uint8Array {
  const address = new Uint8Array(16);
  new DataView(address.buffer).setUint32(12, round + 1000);
  return address;
}
