import { expect, it } from 'vitest';
import { AddressCauses } from '#daemon/record/address-causes.ts';
import { Causes } from '#daemon/record/causes.ts';
import { none, type PathId, type PrefixId } from '#policy/ids.ts';
import type { RibView } from '#rib/view.ts';
import { ManualClock } from '#support/manual-clock.ts';
import { Family } from '#wire/constants.ts';

const family = Family.ipv6Unicast;
const path = 1 as PathId;

/** Address causes on a RIB that counts how often it is read, and in which nothing is decided yet. */
function pending() {
  let isPending = true;
  let asked = 0;
  const families = [0, 1].map(() => ({ isBest: () => false, peerOf: () => 1 }));
  const view = {
    families,
    isPending: () => {
      asked++;
      return isPending;
    },
  } as unknown as RibView;
  let ids = 0;
  const because = { id: 0, run: <Result>(_: number, action: () => Result) => action() };
  const causes = new Causes({
    because: because as never,
    clock: new ManualClock(),
    takeId: () => String(++ids),
  });
  const addresses = new AddressCauses({ view, causes, nameOf: () => 'W1' });
  return {
    addresses,
    gone: (prefix: number) =>
      addresses.pathChanged(family, prefix as PrefixId, path, none as never, true),
    decide: () => (isPending = false),
    taken: () => {
      const count = asked;
      asked = 0;
      return count;
    },
  };
}

it('each slice looks at only a few of 100,000 addresses that wait for their decision', () => {
  const { addresses, gone, decide, taken } = pending();
  for (let prefix = 1; prefix <= 100_000; prefix++) gone(prefix);
  addresses.settle();
  expect(taken()).toBeLessThan(1000);
  decide();
  for (let slice = 0; slice < 200; slice++) addresses.settle();
  taken();
  addresses.settle();
  expect(taken()).toBe(0);
});

it('an address counts as not moved until it moves', () => {
  const { addresses, gone } = pending();
  const first = gone(1);
  expect(addresses.stayed(first.id)).toBe(1);
  const second = gone(1);
  expect([first, second].map(({ id }) => addresses.stayed(id))).toEqual([0, 1]);
  expect(addresses.take(family, 1 as PrefixId)).toBe(second);
  expect(addresses.stayed(second.id)).toBe(0);
});
