import { describe, expect, it } from 'vitest';
import { auditAddress, bandOf, type ServicePath } from '#services/audit.ts';

const rule = {
  minHealthy: 2,
  medBands: {
    up: { min: 0, max: 499 },
    disabled: { min: 500, max: 999 },
    down: { min: 1000, max: Infinity },
  },
};

function path(node: string, med?: number, more: Partial<ServicePath> = {}): ServicePath {
  return {
    node,
    peer: node.toUpperCase(),
    isDrained: false,
    ...(med !== undefined && { med }),
    ...more,
  };
}

describe('the state of an address', () => {
  it.each([
    {
      name: 'absent when no peer announces it',
      paths: [],
      home: 'w1',
      want: ['absent'],
      says: ['no peer announces it'],
    },
    {
      name: 'only_down_paths when every node says that it is down',
      paths: [path('w1', 1000), path('w2', 1001)],
      want: ['only_down_paths'],
      says: ['served by w1, whose MED says down; no node is up'],
    },
    {
      name: 'only_down_paths when the one that is up is drained',
      paths: [path('w2', 1001), path('w1', 100, { isDrained: true })],
      want: ['only_down_paths'],
      says: ['served by w2, whose MED says down; no node is up'],
    },
    {
      name: 'only_down_paths when the only one is drained, whatever its MED says',
      paths: [path('w1', 100, { isDrained: true })],
      want: ['only_down_paths'],
      says: ['served by w1, which is drained; no node is up'],
    },
    {
      name: 'no_backup when one node is up and the others are disabled',
      paths: [path('w1', 100), path('w2', 500)],
      want: ['no_backup'],
      says: ['only w1 is up: no other node could take over'],
    },
    {
      name: 'no_backup when both paths are of sessions with one node',
      paths: [path('w1', 100), path('w1', 101, { peer: 'W1-v4' })],
      want: ['no_backup'],
      says: ['only w1 is up: no other node could take over'],
    },
    {
      name: 'absent with the reason when all that is announced is refused',
      paths: [],
      refused: 'announced by W1 W2, refused: prefix_length',
      want: ['absent'],
      says: ['announced by W1 W2, refused: prefix_length'],
    },
    {
      name: 'degraded when fewer are up than are wanted',
      rule: { ...rule, minHealthy: 3 },
      paths: [path('w1', 100), path('w2', 101)],
      want: ['degraded'],
      says: ['2 nodes are up, but min_healthy is 3'],
    },
    {
      name: 'degraded when all that are up share a rack',
      paths: [
        path('w1', 100, { site: 'dc1', rack: 'a' }),
        path('w2', 101, { site: 'dc1', rack: 'a' }),
      ],
      want: ['degraded'],
      says: ['all nodes that are up are in rack a'],
    },
    {
      name: 'degraded when all that are up share a site',
      paths: [
        path('w1', 100, { site: 'dc1', rack: 'a' }),
        path('w2', 101, { site: 'dc1', rack: 'b' }),
      ],
      want: ['degraded'],
      says: ['all nodes that are up are in site dc1'],
    },
    {
      name: 'tie when the first two have the same MED, a missing one being 0',
      paths: [path('w1'), path('w2', 0)],
      want: ['tie'],
      says: ['w1 and w2 have the same MED 0'],
    },
    {
      name: 'unexpected_node when another node than its home serves it',
      paths: [path('w2', 100), path('w1', 101)],
      home: 'w1',
      want: ['unexpected_node'],
      says: ['served by w2, not by w1'],
    },
    {
      name: 'ok when two are up, apart, and home serves',
      paths: [path('w1', 100, { site: 'dc1' }), path('w2', 101, { site: 'dc2' })],
      home: 'w1',
      want: ['ok'],
      says: [],
    },
  ])('is $name', ({ paths, home, refused, want, says, rule: given = rule }) => {
    const audit = auditAddress(given, paths, home, refused);
    expect([audit.state]).toEqual(want);
    expect(audit.findings.map(({ text }) => text)).toEqual(says);
  });

  it('names all that is wrong, the worst first', () => {
    const { state, findings } = auditAddress(rule, [path('w2', 100), path('w3', 1000)], 'w1');
    expect(state).toBe('no_backup');
    expect(findings.map((finding) => finding.state)).toEqual(['no_backup', 'unexpected_node']);
  });

  it('tells whether it is at home only where there is a home and a path', () => {
    expect(auditAddress(rule, [path('w1', 1)], 'w1').isAtHome).toBe(true);
    expect(auditAddress(rule, [path('w2', 1)], 'w1').isAtHome).toBe(false);
    expect(auditAddress(rule, [path('w2', 1)]).isAtHome).toBeUndefined();
    expect(auditAddress(rule, [], 'w1').isAtHome).toBeUndefined();
  });
});

describe('the band of a MED', () => {
  it.each([
    [undefined, 'up'],
    [0, 'up'],
    [499, 'up'],
    [500, 'disabled'],
    [999, 'disabled'],
    [1000, 'down'],
    [4294967295, 'down'],
  ] as const)('of %s is %s', (med, band) => {
    expect(bandOf(rule, med)).toBe(band);
  });

  it('is unknown where the bands leave a gap', () => {
    const gap = { ...rule, medBands: { ...rule.medBands, disabled: { min: 600, max: 999 } } };
    expect(bandOf(gap, 550)).toBe('unknown');
  });
});
