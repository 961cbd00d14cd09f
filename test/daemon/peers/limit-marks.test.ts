import { expect, it } from 'vitest';
import { LimitMarks } from '#daemon/peers/limit-marks.ts';
import { Family } from '#wire/constants.ts';

const family = Family.ipv6Unicast;
const full = {
  accepted: 10,
  received: 12,
  blocked: 2,
  limits: { accepted: 10, received: undefined },
};

it.each([
  ['is not cleared while prefixes are blocked', full, []],
  ['is cleared when nothing is blocked any longer', { ...full, blocked: 0 }, [family]],
  ['is not cleared while more is held than it allows', { ...full, blocked: 0, accepted: 11 }, []],
  [
    'is cleared when it is removed',
    { ...full, blocked: 0, accepted: 11, limits: { accepted: undefined, received: undefined } },
    [family],
  ],
])('a limit that was reached %s', (_, facts, want) => {
  const marks = new LimitMarks();
  marks.reached(family, 'accepted');
  expect(marks.takeCleared(() => facts)).toEqual(want);
});

it('a limit that is cleared is reported once, and one that was not reached never', () => {
  const marks = new LimitMarks();
  const facts = { ...full, blocked: 0 };
  expect(marks.takeCleared(() => facts)).toEqual([]);
  marks.reached(family, 'accepted');
  marks.reached(family, 'received');
  expect(marks.takeCleared(() => facts)).toEqual([family]);
  expect(marks.takeCleared(() => facts)).toEqual([]);
});
