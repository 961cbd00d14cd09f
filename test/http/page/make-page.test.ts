import { expect, test } from 'vitest';
import { Turns } from '#http/answers/turns.ts';
import type { Context } from '#http/context.ts';
import { PageMaker } from '#http/page/make-page.ts';
import { ManualClock } from '#support/manual-clock.ts';
import { fakeDaemon } from '../fake-daemon.ts';

test('a page that takes long is made again only after a pause of the same length, once for all requests meanwhile', async () => {
  const clock = new ManualClock({ soon: 'real' });
  const queries = fakeDaemon();
  const status = queries.status.bind(queries);
  let made = 0;
  queries.status = () => {
    made++;
    clock.nowMs += 400;
    return status();
  };
  const maker = new PageMaker({ clock, queries, turns: new Turns(clock) } as unknown as Context);
  const ask = () => maker.page({ route: '/peers', asked: {}, depth: 0, isPart: true });
  await ask();
  const [first, second] = [ask(), ask()];
  const others = Promise.all([first, second, ask()]);
  clock.advance(399);
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(made).toBe(1);
  clock.advance(1);
  await others;
  expect(made).toBe(2);
  // All clients share the bytes, compressed ones too.
  expect((await first) === (await second)).toBe(true);
});
