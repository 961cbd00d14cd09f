import { describe, expect, it } from 'vitest';
import { type Deciding, LoopTurns } from '#net/turns.ts';
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

/** Work of the RIB of which nothing is urgent. */
function calm(slice: Deciding['slice']): Deciding {
  return { isUrgent: false, slice };
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
    const slice = (isLate: () => boolean): void => {
      while (!isLate()) {
        clock.nowMs += 1;
        order.push('decide');
      }
      for (let socket = 0; socket < 5; socket++) turns.writing.runSoon(step('write', 1));
    };
    turns.decide(calm(slice));
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
    const slice = (): void => {
      for (const name of ['a', 'b', 'c']) turns.writing.runSoon(step(name, 20));
      turns.decide(calm(() => order.push('slice')));
    };
    turns.decide(calm(slice));
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

  it.each([
    { isUrgent: false, expected: 'read read slice read read' },
    { isUrgent: true, expected: 'read slice read read read' },
  ])(
    'the slice is put off while turns take too long without it, at most 20 ms, unless it is urgent: $isUrgent',
    ({ isUrgent, expected }) => {
      const { clock, turns, order, step } = given();
      turns.decide({ isUrgent, slice: () => order.push('slice') });
      for (let turn = 0; turn < 4; turn++) {
        turns.reading.run(step('read', 1));
        clock.nowMs += 10;
        clock.turn();
      }
      expect(order.join(' ')).toBe(expected);
    },
  );

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
    const work = calm(() => {
      order.push('slice');
      if (order.length < 3) turns.decide(work);
    });
    turns.decide(work);
    for (let turn = 1; turn <= 4; turn++) {
      clock.turn();
      expect(order).toHaveLength(Math.min(turn, 3));
    }
  });
});

/**
 * The order after a first round: slices of 5 ms, the first of which writes to all sockets, at 1 ms each. As many of them
 * as given are urgent, from the first on.
 */
function written(sockets: number, slices: number, urgent = 0): string {
  const { clock, turns, order, step } = given();
  const writeToAll = (): void => {
    for (let at = 0; at < sockets; at++) turns.writing.runSoon(step('write', 1));
  };
  writeToAll();
  clock.turn();
  let done = 0;
  const work: Deciding = {
    get isUrgent() {
      return done < urgent;
    },
    slice() {
      clock.nowMs += 5;
      order.push('slice');
      done++;
      if (done === 1) writeToAll();
      if (done < slices) turns.decide(work);
    },
  };
  turns.decide(work);
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

  it.each([
    { sockets: 11, urgent: 1, expected: 'slice ' + 'write '.repeat(11) + 'slice '.repeat(5) },
    { sockets: 11, urgent: 2, expected: 'slice slice ' + 'write '.repeat(11) + 'slice '.repeat(4) },
    { sockets: 1, urgent: 3, expected: 'slice slice slice write slice slice slice' },
    { sockets: 1, urgent: 6, expected: 'slice slice slice slice write slice slice' },
  ])(
    'is put off while slices are urgent, at most 20 ms, and not afterwards: $sockets sockets, $urgent of 6 slices',
    ({ sockets, urgent, expected }) => expect(written(sockets, 6, urgent)).toBe(expected.trim()),
  );

  it('waits for what is urgent, but not if something urgent is to be written', () => {
    const { clock, turns, order, step } = given();
    const losing = (name: string): Deciding => {
      const work = {
        isUrgent: true,
        slice() {
          order.push(`decides ${name}`);
          for (const socket of [1, 2]) turns.writing.runSoon(step(`${name} to ${socket}`, 20));
          work.isUrgent = false;
        },
      };
      return work;
    };
    for (const socket of [1, 2]) turns.writing.runSoon(step(`reload to ${socket}`, 20));
    clock.turn();
    turns.decide(losing('a loss'));
    clock.turn();
    turns.decide(losing('another'));
    for (let turn = 0; turn < 6; turn++) clock.turn();
    expect(order).toEqual([
      'reload to 1',
      'decides a loss',
      'reload to 2',
      'a loss to 1',
      'a loss to 2',
      'decides another',
      'another to 1',
      'another to 2',
    ]);
  });

  it('is put off while more is read, and a KEEPALIVE that is due then leaves with the rest', async () => {
    const { clock, turns, order, step } = given();
    turns.writing.runSoon(step('first', 3));
    clock.turn();
    turns.reading.run(step('read', 2, 4));
    turns.decide(calm(() => turns.writing.runSoon(step('UPDATE', 3))));
    clock.turn();
    turns.writing.runSoon(step('KEEPALIVE', 3));
    await Promise.resolve();
    const expected = ['first', 'read', 'read', 'read'];
    expect(order).toEqual(expected);
    clock.turn();
    expect(order).toEqual([...expected, 'read', 'UPDATE', 'KEEPALIVE']);
  });

  it('is not put off by a turn that takes too long when nothing is left to decide', () => {
    const { clock, turns, order, step } = given();
    turns.writing.runSoon(step('first', 3));
    clock.turn();
    turns.reading.run(step('read', 2, 4));
    turns.decide(calm(() => turns.writing.runSoon(step('UPDATE', 3))));
    clock.turn();
    expect(order.at(-1)).toBe('read');
    clock.nowMs += 10;
    clock.turn();
    expect(order.slice(-2)).toEqual(['read', 'UPDATE']);
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
