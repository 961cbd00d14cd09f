import { describe, expect, it } from 'vitest';
import { Turns } from '#net/turns.ts';
import { ManualClock } from '#support/manual-clock.ts';

/** Jobs that each take `ms` and write their name. */
function given(budgetMs: number): {
  clock: ManualClock;
  turns: Turns;
  order: string[];
  job: (name: string, ms: number) => () => void;
} {
  const clock = new ManualClock({ soon: 'manual' });
  const order: string[] = [];
  const job = (name: string, ms: number) => (): void => {
    clock.nowMs += ms;
    order.push(name);
  };
  return { clock, turns: new Turns(clock, budgetMs), order, job };
}

describe('Turns', () => {
  it('runs at once while the turn has time left', () => {
    const { turns, order, job } = given(4);
    expect(turns.run(job('a', 2))).toBe(true);
    expect(turns.run(job('b', 2))).toBe(true);
    expect(turns.run(job('c', 1))).toBe(false);
    expect(order).toEqual(['a', 'b']);
    expect(turns.backlog).toBe(1);
  });

  it('what waited goes first in the next turn, in order of arrival, and newcomers queue up', () => {
    const { clock, turns, order, job } = given(4);
    turns.run(job('a', 5));
    turns.run(job('b', 3));
    turns.run(job('c', 3));
    turns.run(job('d', 3));
    clock.turn();
    expect(order).toEqual(['a', 'b', 'c']);
    expect(turns.run(job('e', 1))).toBe(false);
    clock.turn();
    expect(order).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('each turn has the whole budget again', () => {
    const { clock, turns, job } = given(4);
    for (let turn = 0; turn < 3; turn++) {
      expect(turns.run(job('a', 10))).toBe(true);
      expect(turns.run(job('b', 10))).toBe(false);
      clock.turn();
      clock.turn();
    }
  });

  it('asks for no turn when nothing is read', () => {
    const { clock, turns, order, job } = given(4);
    turns.run(job('a', 1));
    clock.turn();
    clock.turn();
    expect(order).toEqual(['a']);
    expect(turns.backlog).toBe(0);
  });
});
