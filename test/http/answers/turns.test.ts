import { describe, expect, it } from 'vitest';
import { Turns } from '#http/answers/turns.ts';
import { ManualClock } from '#support/manual-clock.ts';

/**
 * Lets several answers take turns while the work of the daemon itself takes `ownMs` of each turn of the event loop.
 * Returns one text for each turn of the loop, with the number of an answer for each slice that was done.
 */
async function shared(
  answers: number,
  { slices, sliceMs, ownMs }: { slices: number; sliceMs: number; ownMs: number },
): Promise<string[]> {
  const clock = new ManualClock({ soon: 'manual' });
  const turns = new Turns(clock);
  let done = '';
  const answer = async (name: number): Promise<void> => {
    for (let slice = 0; slice < slices; slice++) {
      await turns.next();
      done += name;
      clock.nowMs += sliceMs;
    }
  };
  const all = Promise.all(Array.from({ length: answers }, (_, name) => answer(name + 1)));
  const seen: string[] = [];
  for (let left = answers * slices; left > 0; left -= done.length) {
    done = '';
    clock.turn();
    // An answer continues in nested promises, all of which are resolved after a turn of the real event loop.
    await new Promise(setImmediate);
    clock.nowMs += ownMs;
    seen.push(done);
  }
  await all;
  return seen;
}

describe('turns of answers', () => {
  it('are one slice in each turn of the loop, in the order of the requests, if a slice takes a whole turn', async () => {
    const seen = await shared(2, { slices: 2, sliceMs: 2, ownMs: 0 });
    expect(seen.filter((each) => each !== '')).toEqual(['1', '2', '1', '2']);
  });

  it('are several slices if the slices are short', async () => {
    const seen = await shared(2, { slices: 8, sliceMs: 0.5, ownMs: 0 });
    expect(seen.filter((each) => each !== '')).toEqual(['1111', '2222', '1111', '2222']);
  });

  it.each([
    [
      'one turn of the loop without a slice after each turn with one, while the daemon has no work',
      0,
      2,
    ],
    ['three quarters of the time for the daemon while it has work', 5, 3],
    ['about 20 ms for its work, however much it has', 40, 1],
  ])('leave %s', async (_, ownMs, every) => {
    const seen = await shared(1, { slices: 10, sliceMs: 5, ownMs });
    expect(seen).toHaveLength(9 * every + 1);
  });

  it('begin at once for a request that comes long after the last one', async () => {
    const clock = new ManualClock({ soon: 'manual' });
    const turns = new Turns(clock);
    for (let round = 0; round < 3; round++) {
      let isServed = false;
      void turns.next().then(() => (isServed = true));
      clock.turn();
      await new Promise(setImmediate);
      expect(isServed).toBe(true);
      clock.nowMs += 5;
      clock.turn();
      clock.nowMs += 1000;
    }
  });
});
