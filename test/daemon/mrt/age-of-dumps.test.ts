import { expect, it } from 'vitest';
import type { Config } from '#config/config.ts';
import { Mrt, type MrtParts } from '#daemon/mrt/mrt.ts';
import type { DumpRequest } from '#history/dumps/dump-messages.ts';
import { ManualClock } from '#support/manual-clock.ts';

const hour = 60 * 60 * 1000;
const year = 365 * 24 * hour;

it('a clock that is wrong by a year for a while makes no dump old', () => {
  const clock = new ManualClock();
  const looked: Extract<DumpRequest, { kind: 'look' }>[] = [];
  const parts = {
    clock,
    events: { emit: () => undefined },
    startThread: () => ({
      post: (request) => void (request.kind === 'look' && looked.push(request)),
      ended: Promise.withResolvers<void>().promise,
      terminate: () => undefined,
    }),
  } satisfies Partial<MrtParts>;
  const mrt = { maxSizeBytes: 1, minFreeBytes: 0 };
  new Mrt({ mrt, routerId: 1 } as Config, parts as unknown as MrtParts).start();
  const ageNow = (): number | undefined => {
    clock.advance(60_000);
    return looked.at(-1)?.ageMs;
  };
  expect(ageNow()).toBeUndefined();
  clock.advance(6 * hour);
  expect(ageNow()).toBe(clock.wall());
  clock.wallSetMs = year;
  expect(ageNow()).toBeUndefined();
  clock.wallSetMs = 0;
  expect(ageNow()).toBeUndefined();
});
