import { describe, expect, it } from 'vitest';
import { BfdBrake, type Heard } from '../../src/bfd/brake.ts';

const terms = { maxShare: 0.5, withinMs: 1000, atLeast: 3 };
const now = 50_000;

/** Returns `count` sessions at 300 ms, whose last packets came `silentMs` before `at`. */
function heard(count: number, silentMs: number, at = now): Heard[] {
  return Array.from({ length: count }, () => ({ heardMs: at - silentMs, rxMs: 300 }));
}

describe('the brake of BFD', () => {
  it.each([
    ['one of eight sessions', heard(7, 100), undefined],
    [
      'one session while another is overdue, fewer than at_least',
      [...heard(1, 700), ...heard(6, 100)],
      undefined,
    ],
    [
      'one session while two of ten are overdue, less than the share',
      [...heard(2, 700), ...heard(7, 100)],
      undefined,
    ],
    ['one session while two of five are overdue', [...heard(2, 700), ...heard(2, 100)], 'share'],
    ['the first of eight that all fall silent', heard(7, 850), 'share'],
    ['one session while the others have missed a single packet', heard(7, 500), undefined],
    ['the only session', [], undefined],
  ])('judges the loss of %s', (_, others, expected) => {
    expect(new BfdBrake(terms).judge(others, now)).toBe(expected);
  });

  it('counts sessions that went Down within its window, and no older ones', () => {
    const brake = new BfdBrake(terms);
    expect(brake.judge(heard(5, 100), now)).toBeUndefined();
    expect(brake.judge(heard(4, 100, now + 500), now + 500)).toBeUndefined();
    expect(brake.judge(heard(3, 100, now + 900), now + 900)).toBe('share');
    const later = new BfdBrake(terms);
    expect(later.judge(heard(5, 100), now)).toBeUndefined();
    expect(later.judge(heard(4, 100, now + 500), now + 500)).toBeUndefined();
    expect(later.judge(heard(3, 100, now + 1600), now + 1600)).toBeUndefined();
  });

  it('remembers past losses when its terms change', () => {
    const brake = new BfdBrake({ ...terms, atLeast: 5 });
    expect(brake.judge(heard(5, 100), now)).toBeUndefined();
    expect(brake.judge(heard(4, 100, now + 500), now + 500)).toBeUndefined();
    brake.change(terms);
    expect(brake.judge(heard(3, 100, now + 900), now + 900)).toBe('share');
  });

  it.each(['carrier', 'stall'] as const)(
    'doubts losses for a while after a fault of our own: %s',
    (reason) => {
      const brake = new BfdBrake(terms);
      brake.suspectOurselves(reason, 900, now);
      expect(brake.judge(heard(7, 100, now + 1900), now + 1900)).toBe(reason);
      expect(brake.judge(heard(7, 100, now + 3000), now + 3000)).toBeUndefined();
    },
  );

  it.each([
    ['shorter than the time that any peer waits for us', 190, undefined],
    ['longer than the time that one peer waits for us', 210, 'stall'],
  ])('judges a loss after a delay of our own that is %s', (_, lateMs, verdict) => {
    const brake = new BfdBrake(terms);
    const up = [
      { toleranceMs: 600, detectMs: 900 },
      { toleranceMs: 200, detectMs: 300 },
    ];
    brake.wasLate(lateMs, up, now);
    expect(brake.judge(heard(7, 100, now + 1800), now + 1800)).toBe(verdict);
  });
});
