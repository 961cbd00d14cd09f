import { describe, expect, it } from 'vitest';
import {
  type Brake,
  isSuspicious,
  observeProbe,
  type ProbeRecord,
  stepBrake,
  stepRanking,
  unprobed,
} from '#services/probe.ts';

const rule = { fall: 3, rise: 2 };

/** The states after each result: `+` answered, `-` did not. */
function states(results: string): string[] {
  let record: ProbeRecord = unprobed;
  return Array.from(results, (result) => {
    record = observeProbe(record, result === '+', rule);
    return record.state;
  });
}

describe('a target', () => {
  it.each([
    ['+', ['answering']],
    ['--', ['unknown', 'unknown']],
    ['---', ['unknown', 'unknown', 'not_answering']],
    ['+--+--', ['answering', 'answering', 'answering', 'answering', 'answering', 'answering']],
    ['+---+', ['answering', 'answering', 'answering', 'not_answering', 'not_answering']],
    ['---++', ['unknown', 'unknown', 'not_answering', 'not_answering', 'answering']],
    ['---+-+', ['unknown', 'unknown', ...Array<string>(4).fill('not_answering')]],
  ])('that says %s is in turn %j', (results, wanted) => {
    expect(states(results)).toEqual(wanted);
  });
});

interface Story {
  readonly name: string;
  readonly nodes: number;
  /** By second: how many nodes do not answer. */
  readonly notAnswering: readonly number[];
  /** By second: whether the brake is on. */
  readonly brake: string;
}

const stories: readonly Story[] = [
  { name: 'our uplink is cut', nodes: 4, notAnswering: [0, 4, 4, 4], brake: '.###' },
  { name: 'one node of many', nodes: 4, notAnswering: [0, 1, 1, 1], brake: '....' },
  {
    name: 'a slow spread, one after another',
    nodes: 4,
    notAnswering: [0, 1, 1, 2, 3, 4],
    brake: '...###',
  },
  { name: 'one of two nodes', nodes: 2, notAnswering: [0, 1, 1, 0], brake: '.###' },
  { name: 'a service of one node', nodes: 1, notAnswering: [0, 1, 1], brake: '...' },
  {
    name: 'it is back: released when that has lasted',
    nodes: 4,
    notAnswering: [4, 1, 1, 1, 1, 1, 1],
    brake: '#####..',
  },
  {
    name: 'it comes and goes: held all the while',
    nodes: 4,
    notAnswering: [4, 1, 1, 4, 1, 1, 4],
    brake: '#######',
  },
];

describe('the brake', () => {
  it.each(stories)('$name', ({ nodes, notAnswering, brake: wanted }) => {
    let brake: Brake = { isOn: false };
    const seen = notAnswering.map((count, second) => {
      const answers = { nodes, notAnswering: count };
      const isNow = isSuspicious(answers, answers, 0.5);
      brake = stepBrake(brake, isNow, second * 1000, 4000);
      return brake.isOn ? '#' : '.';
    });
    expect(seen.join('')).toBe(wanted);
  });

  it('is on where half of all targets do not answer, though few of this service', () => {
    const all = { nodes: 10, notAnswering: 5 };
    expect(isSuspicious({ nodes: 4, notAnswering: 1 }, all, 0.5)).toBe(true);
    expect(isSuspicious({ nodes: 4, notAnswering: 1 }, { ...all, notAnswering: 4 }, 0.5)).toBe(
      false,
    );
  });
});

describe('the ranking of a node', () => {
  const ranks = { mayRank: true, holdDownMs: 30_000 };

  it('changes at most once in the hold-down', () => {
    const last = stepRanking({ isLast: false }, 'not_answering', false, 1000, ranks);
    expect(last).toEqual({ isLast: true, changedMs: 1000 });
    expect(stepRanking(last, 'answering', false, 20_000, ranks)).toBe(last);
    expect(stepRanking(last, 'answering', false, 31_000, ranks)).toEqual({
      isLast: false,
      changedMs: 31_000,
    });
  });

  it('is taken back by the brake at once, and not given before it is released', () => {
    const last = { isLast: true, changedMs: 1000 };
    const braked = stepRanking(last, 'not_answering', true, 2000, ranks);
    expect(braked.isLast).toBe(false);
    expect(stepRanking(braked, 'not_answering', true, 99_000, ranks)).toBe(braked);
  });

  it('is never touched by what is not known, nor where probes only report', () => {
    const first = { isLast: false };
    expect(stepRanking(first, 'unknown', false, 1000, ranks)).toBe(first);
    const reports = { ...ranks, mayRank: false };
    expect(stepRanking(first, 'not_answering', false, 1000, reports)).toBe(first);
  });
});
