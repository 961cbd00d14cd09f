import { describe, expect, it } from 'vitest';
import type { ServicePath, ServiceRule } from '#services/audit.ts';
import { type Effect, outlookOf, type Situation } from '#services/outlook.ts';

const rule: ServiceRule = {
  minHealthy: 2,
  medBands: {
    up: { min: 0, max: 499 },
    disabled: { min: 500, max: 999 },
    down: { min: 1000, max: Infinity },
  },
};

/** `w1` announces with MED 100, `w1:1000` with that. */
function paths(...texts: string[]): ServicePath[] {
  return texts.map((text) => {
    const [node, med = '100'] = text.split(':');
    return { node, peer: node.toUpperCase(), med: Number(med), isDrained: false };
  });
}

function plainly(texts: readonly string[]): Situation {
  return { paths: paths(...texts) };
}

function ofService(texts: readonly string[]): Situation {
  return { ...plainly(texts), service: { rule } };
}

interface Row {
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly plain: readonly Effect[];
  readonly service: readonly Effect[];
  readonly states: string;
}

const rows: readonly Row[] = [
  {
    name: 'the best goes, two are left',
    before: ['w1', 'w2:101', 'w3:102'],
    after: ['w2:101', 'w3:102'],
    plain: ['moves'],
    service: ['moves'],
    states: 'ok -> ok',
  },
  {
    name: 'the best goes, one is left',
    before: ['w1', 'w2:101'],
    after: ['w2:101'],
    plain: ['no_backup', 'moves'],
    service: ['no_backup', 'moves'],
    states: 'ok -> no_backup',
  },
  {
    name: 'the backup goes',
    before: ['w1', 'w2:101'],
    after: ['w1'],
    plain: ['no_backup'],
    service: ['no_backup'],
    states: 'ok -> no_backup',
  },
  {
    name: 'the only one goes',
    before: ['w1'],
    after: [],
    plain: ['dark'],
    service: ['dark'],
    states: 'no_backup -> absent',
  },
  {
    name: 'a node is left that says it is down',
    before: ['w1', 'w2:1000'],
    after: ['w2:1000'],
    plain: ['no_backup', 'moves'],
    service: ['dark'],
    states: 'no_backup -> only_down_paths',
  },
  {
    name: 'the last one goes, which said that it is down',
    before: ['w2:1000'],
    after: [],
    plain: ['dark'],
    service: ['dark'],
    states: 'only_down_paths -> absent',
  },
  {
    name: 'a backup that is down is none',
    before: ['w1', 'w2:101', 'w3:1000'],
    after: ['w1', 'w3:1000'],
    plain: [],
    service: ['no_backup'],
    states: 'ok -> no_backup',
  },
  {
    name: 'two peers of one node are one',
    before: ['w1', 'w1:101', 'w2:102'],
    after: ['w1:101'],
    plain: ['no_backup'],
    service: ['no_backup'],
    states: 'ok -> no_backup',
  },
  {
    name: 'it comes',
    before: [],
    after: ['w1', 'w2:101'],
    plain: ['gains'],
    service: ['gains'],
    states: 'absent -> ok',
  },
  { name: 'nothing', before: [], after: [], plain: [], service: [], states: 'absent -> absent' },
];

describe('the outlook', () => {
  it.each(rows)('when $name', ({ before, after, plain, service, states }) => {
    expect(outlookOf(plainly(before), plainly(after)).effects).toEqual(plain);
    const outlook = outlookOf(ofService(before), ofService(after));
    expect(outlook.effects).toEqual(service);
    expect(`${outlook.before.audit?.state} -> ${outlook.after.audit?.state}`).toBe(states);
  });

  it('counts a home that differs as a state, not as an effect', () => {
    const served = paths('w1', 'w2:101');
    const at = (home: string): Situation => ({ paths: served, service: { rule, home } });
    const { effects, after } = outlookOf(at('w1'), at('w2'));
    expect([effects, after.audit?.state]).toEqual([[], 'unexpected_node']);
  });
});
