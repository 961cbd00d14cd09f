import { expect, it } from 'vitest';
import { within } from '#daemon/within.ts';
import { ManualClock } from '#support/manual-clock.ts';

const never = new Promise(() => undefined);

it('resolves with the work, and leaves no timer', async () => {
  const clock = new ManualClock();
  await within(clock, 1000, Promise.resolve());
  expect(clock.pendingTimers).toBe(0);
});

it('resolves when the time is over', async () => {
  const clock = new ManualClock();
  const ended = within(clock, 1000, never);
  clock.advance(1000);
  await ended;
});

it('passes on why the work failed, and leaves no timer', async () => {
  const clock = new ManualClock();
  await expect(within(clock, 1000, Promise.reject(new Error('no disk')))).rejects.toThrow(
    'no disk',
  );
  expect(clock.pendingTimers).toBe(0);
});
