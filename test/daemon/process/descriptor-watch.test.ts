import { expect, it } from 'vitest';
import { watchDescriptors } from '#daemon/process/descriptor-watch.ts';
import { hasFreeDescriptor } from '#os/descriptors.ts';
import { ManualClock } from '#support/manual-clock.ts';

it('a lack of descriptors is reported at once, every minute while it lasts, and when it is over', () => {
  const clock = new ManualClock();
  const told: string[] = [];
  let isFree = true;
  const cancel = watchDescriptors(
    clock,
    () => isFree,
    (text) => told.push(text),
  );
  clock.advance(10_000);
  expect(told).toEqual([]);
  isFree = false;
  clock.advance(50_000);
  expect(told).toEqual([
    expect.stringMatching(/^every incoming connection is closed .*LimitNOFILE/),
  ]);
  clock.advance(30_000);
  expect(told.length).toBe(2);
  isFree = true;
  clock.advance(20_000);
  expect(told.slice(2)).toEqual(['file descriptors are free again: connections are accepted']);
  cancel();
});

it('a process that may open more files does not lack them', () => {
  expect(hasFreeDescriptor()).toBe(true);
});
