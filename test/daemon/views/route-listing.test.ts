import { expect, it } from 'vitest';
import { listRoutes } from '#daemon/views/route-listing.ts';
import { parsePrefix } from '#text/prefix.ts';
import { RibUnderTest } from '../../rib/given.ts';

const prefixCount = 1000;

it.each([
  ['each prefix takes 1 ms and has no row: looked at 32 at a time', 1, 32],
  ['each prefix takes 0.05 ms', 0.05, 128],
  ['no time passes', 0, prefixCount],
])('%s', (_, prefixMs, seen) => {
  const { rib } = new RibUnderTest();
  for (let at = 0; at < prefixCount; at++) {
    rib.families[1].tables.prefixes.intern(parsePrefix(`2001:db8::${at.toString(16)}/128`));
  }
  let now = 0;
  let looked = 0;
  const rowsOf = (): [] => {
    now += prefixMs;
    looked++;
    return [];
  };
  const page = listRoutes(rib, { kind: 'all' }, rowsOf, { limit: 100 }, () => now);
  expect(looked).toBe(seen);
  expect(page.next_cursor === undefined).toBe(seen === prefixCount);
});
