import { beforeAll, describe, expect, it } from 'vitest';
import { fingerpost } from './daemons/fingerpost.ts';
import { play, type Result } from './play.ts';
import { suite } from './suite.ts';

/** All cases are played once, side by side; their tests only report the results. */
const results = new Map<string, Result>();

beforeAll(async () => {
  for (const result of await play(fingerpost, suite)) results.set(title(result.row), result);
});

function title({ group, name }: Result['row']): string {
  return `${group}: ${name}`;
}

describe('the suite', () => {
  it('has a name of its own for each case', () => {
    expect(new Set(suite.map(title)).size).toBe(suite.length);
  });

  it('has a clause for each case', () => {
    expect(suite.filter(({ clause }) => !/RFC \d+|docs\/\w+\.md|draft-/.test(clause))).toEqual([]);
  });
});

describe.each([...Map.groupBy(suite, ({ group }) => group)])('%s', (_, rows) => {
  it.each(rows)('$name ($clause)', (row) => {
    expect(results.get(title(row))?.seen).toBe(row.want);
  });
});
