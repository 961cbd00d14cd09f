import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PeerId } from '#policy/ids.ts';
import { PeerRanks } from '#rib/tables/peer-ranks.ts';

const step = fc.record({
  kind: fc.constantFrom('add' as const, 'remove' as const, 'move' as const),
  peer: fc.integer({ min: 1, max: 100 }),
  address: fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4, max: 3 }),
    fc.uint8Array({ minLength: 16, maxLength: 16, max: 1 }),
  ),
});

/** IPv4 before IPv6, then byte order. */
function compare(a: Uint8Array, b: Uint8Array): number {
  return a.length - b.length || Buffer.compare(a, b);
}

test('peers rank by address, whatever came, went and moved before', () => {
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const ranks = new PeerRanks();
    const held = new Map<PeerId, Uint8Array>();
    for (const { kind, peer: number, address } of steps) {
      const peer = number as PeerId;
      const known = held.get(peer);
      if (kind === 'add' && known === undefined) ranks.add(peer, address, true);
      else if (kind === 'move' && known !== undefined) {
        expect(ranks.setAddress(peer, address)).toBe(compare(known, address) !== 0);
      } else if (kind === 'remove' && known !== undefined) {
        ranks.remove(peer);
        held.delete(peer);
        continue;
      } else continue;
      held.set(peer, address);
    }
    const order = [...held].sort(([a, one], [b, other]) => compare(one, other) || a - b);
    expect(order.map(([peer]) => ranks.addressRank(peer))).toEqual(order.map((_, rank) => rank));
  });
  fc.assert(property);
});
