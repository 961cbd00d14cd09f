import { describe, expect, it } from 'vitest';
import { LoopTurns } from '#net/turns.ts';
import { ManualClock } from '#support/manual-clock.ts';

/** Steps that each take `ms` and write their name; a job of several steps does so in each. */
function given(): {
  clock: ManualClock;
  turns: LoopTurns;
  order: string[];
  step: (name: string, ms: number, steps?: number) => () => boolean;
} {
  const clock = new ManualClock({ soon: 'manual' });
  const order: string[] = [];
  const step = (name: string, ms: number, steps = 1): (() => boolean) => {
    let left = steps;
    return () => {
      clock.nowMs += ms;
      order.push(name);
      return --left === 0;
    };
  };
  return { clock, turns: new LoopTurns(clock), order, step };
}

describe('reading', () => {
  it('runs at once while its part of the turn lasts', () => {
    const { turns, order, step } = given();
    expect(turns.reading.run(step('a', 2))).toBe(true);
    expect(turns.reading.run(step('b', 2))).toBe(true);
    expect(turns.reading.run(step('c', 1))).toBe(false);
    expect(order).toEqual(['a', 'b']);
    expect(turns.reading.backlog).toBe(1);
  });

  it('what waited goes first in the next turn, in order of arrival, and newcomers queue up', () => {
    const { clock, turns, order, step } = given();
    turns.reading.run(step('a', 5));
    clock.turn();
    for (const name of ['b', 'c', 'd']) turns.reading.run(step(name, 3));
    clock.turn();
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    turns.reading.run(step('e', 5));
    turns.reading.run(step('f', 5));
    expect(turns.reading.run(step('g', 1))).toBe(false);
    clock.turn();
    expect(order.slice(4)).toEqual(['e', 'f']);
    clock.turn();
    expect(order.slice(4)).toEqual(['e', 'f', 'g']);
  });

  it('a long job stops in the middle when the time is over, and others have their turn before it continues', () => {
    const { clock, turns, order, step } = given();
    expect(turns.reading.run(step('long', 2, 5))).toBe(false);
    expect(turns.reading.run(step('short', 1))).toBe(false);
    expect(order).toEqual(['long', 'long']);
    clock.turn();
    expect(order).toEqual(['long', 'long', 'long']);
    clock.turn();
    expect(order.slice(3)).toEqual(['short', 'long', 'long']);
    expect(turns.reading.backlog).toBe(0);
  });

  it('asks for no turn when nothing is read', () => {
    const { clock, turns, order, step } = given();
    turns.reading.run(step('a', 1));
    clock.turn();
    clock.turn();
    expect(order).toEqual(['a']);
    expect(turns.reading.backlog).toBe(0);
  });
});

describe('a turn as a whole', () => {
  it('the slice of the RIB has what reading left of the turn, and writing what the slice left', async () => {
    const { clock, turns, order, step } = given();
    turns.reading.run(step('read', 3));
    turns.decide((isLate) => {
      while (!isLate()) {
        clock.nowMs += 1;
        order.push('decide');
      }
      for (let socket = 0; socket < 5; socket++) turns.writing.runSoon(step('write', 1));
      return false;
    });
    clock.turn();
    const expected = ['read', ...Array<string>(6).fill('decide'), 'write', 'write', 'write'];
    expect(order).toEqual(expected);
    await Promise.resolve();
    expect(order).toEqual(expected);
    clock.turn();
    expect(order.slice(expected.length)).toEqual(['write', 'write']);
  });

  it('what waits to be written goes before another slice of the RIB, which may last several turns', () => {
    const { clock, turns, order, step } = given();
    turns.decide(() => {
      for (const name of ['a', 'b', 'c']) turns.writing.runSoon(step(name, 20));
      turns.decide(() => {
        order.push('slice');
        return false;
      });
      return false;
    });
    for (const expected of [1, 2, 4]) {
      clock.turn();
      expect(order).toHaveLength(expected);
    }
    expect(order).toEqual(['a', 'b', 'c', 'slice']);
  });

  it('however late it is, one step of what waits is done', () => {
    const { clock, turns, order, step } = given();
    for (const name of ['read', 'read again']) turns.reading.run(step(name, 100));
    turns.writing.runSoon(step('write', 100));
    turns.writing.runSoon(step('write again', 100));
    clock.turn();
    expect(order).toEqual(['read', 'read again', 'write']);
    clock.turn();
    expect(order).toEqual(['read', 'read again', 'write', 'write again']);
  });

  it('the next turn has the whole budget again', () => {
    const { clock, turns, step } = given();
    for (let turn = 0; turn < 3; turn++) {
      expect(turns.reading.run(step('a', 10))).toBe(true);
      expect(turns.reading.run(step('b', 10))).toBe(false);
      clock.turn();
      clock.turn();
    }
  });

  it('a slice that asks for another has it in the next turn', () => {
    const { clock, turns, order } = given();
    const slice = (): boolean => {
      order.push('slice');
      if (order.length < 3) turns.decide(slice);
      return false;
    };
    turns.decide(slice);
    for (let turn = 1; turn <= 4; turn++) {
      clock.turn();
      expect(order).toHaveLength(Math.min(turn, 3));
    }
  });
});

/**
 * The order after a first round: slices of 5 ms, the first of which writes to all sockets, at 1 ms each. One of them may
 * say that it is urgent.
 */
function written(sockets: number, slices: number, urgent?: number) {
  const { clock, turns, order, step } = given();
  const writeToAll = (): void => {
    for (let at = 0; at < sockets; at++) turns.writing.runSoon(step('write', 1));
  };
  writeToAll();
  let done = 0;
  const slice = (): boolean => {
    clock.nowMs += 5;
    order.push('slice');
    done++;
    if (done === 1) writeToAll();
    if (done < slices) turns.decide(slice);
    return done === urgent;
  };
  turns.decide(slice);
  for (let turn = 0; turn < 40; turn++) clock.turn();
  return order.slice(sockets).join(' ');
}

describe('writing', () => {
  it.each([
    { sockets: 1, slices: 3, expected: 'slice write slice slice' },
    { sockets: 5, slices: 4, expected: 'slice slice write write write write write slice slice' },
    { sockets: 5, slices: 1, expected: 'slice write write write write write' },
    {
      sockets: 11,
      slices: 6,
      expected: 'slice slice slice slice ' + 'write '.repeat(11) + 'slice slice',
    },
  ])(
    'is put off for twice as long as it takes, at most 20 ms, while slices follow: $sockets sockets, $slices slices',
    ({ sockets, slices, expected }) => expect(written(sockets, slices)).toBe(expected),
  );

  it('is not put off once a slice is urgent', () => {
    expect(written(11, 6)).toMatch(/^slice slice slice slice write/);
    expect(written(11, 6, 1)).toMatch(/^slice write (write )+slice/);
    expect(written(11, 6, 2)).toMatch(/^slice slice write (write )+slice/);
  });

  it('is put off while more is read, and a KEEPALIVE that is due then leaves with the rest', async () => {
    const { clock, turns, order, step } = given();
    turns.writing.runSoon(step('first', 3));
    clock.turn();
    turns.reading.run(step('read', 5, 3));
    turns.decide(() => {
      turns.writing.runSoon(step('UPDATE', 3));
      return false;
    });
    clock.turn();
    turns.writing.runSoon(step('KEEPALIVE', 3));
    await Promise.resolve();
    expect(order).toEqual(['first', 'read', 'read']);
    clock.turn();
    expect(order).toEqual(['first', 'read', 'read', 'read', 'UPDATE', 'KEEPALIVE']);
  });

  it('begins when the present callback has ended', async () => {
    const { turns, order, step } = given();
    turns.writing.runSoon(step('a', 1));
    turns.writing.runSoon(step('b', 1));
    expect(order).toEqual([]);
    await Promise.resolve();
    expect(order).toEqual(['a', 'b']);
  });
});
