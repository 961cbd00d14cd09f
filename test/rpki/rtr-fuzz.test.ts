import { expect, test } from 'vitest';
import { dice } from '#support/dice.ts';
import { decodeRandom, emptyRtrTally, loadRandom, talkToRandom } from '../fuzz/rtr.ts';

const seeds = Array.from({ length: 100 }, (_, at) => 8210 + at);

test('whatever bytes a cache sends are decoded, or refused with a code', () => {
  const tally = emptyRtrTally();
  decodeRandom(dice(20_261_129), 20_000, tally);
  expect(tally.refused).toBeGreaterThan(400);
});

test('whatever a cache says, in whatever pieces, the client goes on', () => {
  const tally = emptyRtrTally();
  for (const seed of seeds) talkToRandom(dice(seed), tally);
  expect(tally.clients).toBe(seeds.length);
});

test('the data in use is always that of the cache, and what contradicts itself changes nothing', () => {
  const tally = emptyRtrTally();
  for (const seed of seeds) loadRandom(dice(seed), tally);
  expect(tally.loads).toBeGreaterThan(400);
  expect(tally.contradictions).toBeGreaterThan(40);
});
