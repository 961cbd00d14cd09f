import { expect, test } from 'vitest';
import { EarlyEndOfRib } from '#daemon/peers/early-end-of-rib.ts';
import { Family } from '#wire/constants.ts';

const ipv6 = Family.ipv6Unicast;

test.each([
  ['before the first routes', 0, 500, [ipv6]],
  ['long before the first routes: there were none', 0, 60_000, []],
  ['after the routes', 3, 500, []],
])('End-of-RIB %s', (_what, before, laterMs, found) => {
  const early = new EarlyEndOfRib();
  early.sessionBegan();
  early.update({ endOfRib: ipv6 }, 1000, () => before);
  early.update({ endOfRib: undefined }, 1000 + laterMs, () => before + 1);
  expect([...early.families]).toEqual(found);
  early.sessionBegan();
  expect([...early.families]).toEqual([]);
});
