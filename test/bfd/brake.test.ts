import { describe, expect, it } from 'vitest';
import { BfdBrake, type Heard } from '../../src/bfd/brake.ts';

const terms = { maxShare: 0.5, withinMs: 1000, atLeast: 3 };
const now = 50_000;

/** So many sessions at 300 ms, whose last packet came so long before `at`. */
function heard(count: number, silentMs: number, at = now): Heard[] {
  return Array.from({ length: count }, () => ({ heardMs: at - silentMs, rxMs: 300 }));
}

describe('the brake of BFD', () => {
  it.each([
    ['one of eight sessions', heard(7, 100), undefined],
    [
      'one while a second is past its end: fewer than at_least',
      [...heard(1, 700), ...heard(6, 100)],
      undefined,
    ],
    [
      'one while two of ten are overdue: less than the share',
      [...heard(2, 700), ...heard(7, 100)],
      undefined,
    ],
    ['one while two of five are overdue', [...heard(2, 700), ...heard(2, 100)], 'share'],
    ['the first of eight that all fall silent', heard(7, 850), 'share'],
    ['one while the others have missed a single packet', heard(7, 500), undefined],
    ['the only session', [], undefined],
  ])('%s', (_, others, expected) => {
    expect(new BfdBrake(terms).judge(others, now)).toBe(expected);
  });

  it('counts those that went Down within its window, and no older ones', () => {
    const brake = new BfdBrake(terms);
    expect(brake.judge(heard(5, 100), now)).toBeUndefined();
    expect(brake.judge(heard(4, 100, now + 500), now + 500)).toBeUndefined();
    expect(brake.judge(heard(3, 100, now + 900), now + 900)).toBe('share');
    const later = new BfdBrake(terms);
    expect(later.judge(heard(5, 100), now)).toBeUndefined();
    expect(later.judge(heard(4, 100, now + 500), now + 500)).toBeUndefined();
    expect(later.judge(heard(3, 100, now + 1600), now + 1600)).toBeUndefined();
  });

  it('remembers what has happened when its terms change', () => {
    const brake = new BfdBrake({ ...terms, atLeast: 5 });
    expect(brake.judge(heard(5, 100), now)).toBeUndefined();
    expect(brake.judge(heard(4, 100, now + 500), now + 500)).toBeUndefined();
    brake.change(terms);
    expect(brake.judge(heard(3, 100, now + 900), now + 900)).toBe('share');
  });

  it.each(['carrier', 'stall'] as const)(
    'suspects ourselves for a while after a fault of our own: %s',
    (reason) => {
      const brake = new BfdBrake(terms);
      brake.suspectOurselves(reason, 900, now);
      expect(brake.judge(heard(7, 100, now + 1900), now + 1900)).toBe(reason);
      expect(brake.judge(heard(7, 100, now + 3000), now + 3000)).toBeUndefined();
    },
  );

  it.each([
    ['less than any of the others waits for us', 190, undefined],
    ['longer than one of them waits for us', 210, 'stall'],
  ])('judges what follows a delay of our own: %s', (_, lateMs, verdict) => {
    const brake = new BfdBrake(terms);
    const up = [
      { toleranceMs: 600, detectMs: 900 },
      { toleranceMs: 200, detectMs: 300 },
    ];
    brake.wasLate(lateMs, up, now);
    expect(brake.judge(heard(7, 100, now + 1800), now + 1800)).toBe(verdict);
  });
});
