import { describe, expect, it } from 'vitest';
import { atOnce } from '#daemon/in-slices.ts';
import { guardDrain, type GuardedPath } from '#services/drain-guard.ts';

/** `w1 w2!`: w2 is not healthy; `w1*`: w1 is to be drained. */
function paths(text: string): GuardedPath[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => ({
      node: word.replace(/[!*]/g, ''),
      isHealthy: !word.includes('!'),
      isTargeted: word.includes('*'),
    }));
}

interface Row {
  readonly name: string;
  readonly paths: string;
  /** Absent: outside services. */
  readonly minHealthy?: number;
  readonly refused?: string;
  readonly warned?: string;
}

const rows: readonly Row[] = [
  { name: 'enough nodes are left', paths: 'w1* w2 w3', minHealthy: 2 },
  {
    name: 'one node is left, as many as min_healthy: warned of',
    paths: 'w1* w2 w3!',
    minHealthy: 1,
    warned: 'leaves no backup: only w2 is left',
  },
  {
    name: 'fewer than min_healthy are left: refused',
    paths: 'w1* w2 w3!',
    minHealthy: 2,
    refused: '1 of 2 healthy nodes of web would be left, but min_healthy is 2',
  },
  {
    name: 'none is left: refused, whatever min_healthy is',
    paths: 'w1* w2! w3!',
    minHealthy: 0,
    refused: 'no other node of web is up',
  },
  { name: 'a dead node, below min_healthy as it is', paths: 'w1*! w2', minHealthy: 2 },
  { name: 'a dead node that nobody else could stand in for', paths: 'w1*!', minHealthy: 1 },
  {
    name: 'outside services the only path: refused',
    paths: 'w1*',
    refused: 'no other node announces it, or all others are drained',
  },
  {
    name: 'outside services all others are drained: refused',
    paths: 'w1* w2!',
    refused: 'no other node announces it, or all others are drained',
  },
  {
    name: 'outside services one is left: warned of',
    paths: 'w1* w2',
    warned: 'leaves no backup: only w2 is left',
  },
  { name: 'two peers of one node are one node', paths: 'w1* w1* w2 w3', minHealthy: 2 },
  {
    name: 'a site with two of three nodes',
    paths: 'w1* w2* w3',
    minHealthy: 2,
    refused: '1 of 3 healthy nodes of web would be left, but min_healthy is 2',
  },
];

describe('a drain', () => {
  it.each(rows)('$name', ({ paths: text, minHealthy, refused, warned }) => {
    const service = minHealthy === undefined ? {} : { service: { name: 'web', minHealthy } };
    const verdict = atOnce(guardDrain([{ prefix: 'P', paths: paths(text), ...service }]));
    expect(verdict.refused).toEqual(refused === undefined ? [] : [{ prefix: 'P', text: refused }]);
    expect(verdict.warned).toEqual(warned === undefined ? [] : [{ prefix: 'P', text: warned }]);
  });
});
