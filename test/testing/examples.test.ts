import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ManualClock } from '#support/manual-clock.ts';
import { hasPassed, runTests } from '#testing/run-tests.ts';

const folder = 'deploy/examples';
const yamlIn = (path: string): string[] =>
  readdirSync(path).filter((file) => file.endsWith('.yaml'));

it('every example has its cases', () => {
  expect(yamlIn(`${folder}/tests`)).toEqual(yamlIn(folder));
});

it.each(yamlIn(`${folder}/tests`))('the cases of %s hold', (file) => {
  const [result] = runTests([`${folder}/tests/${file}`], '/none.yaml', new ManualClock());
  expect(result).toMatchObject({ cases: expect.arrayContaining([expect.anything()]) });
  const cases = 'cases' in result ? result.cases : [];
  expect(cases.filter(({ failures }) => failures.length > 0)).toEqual([]);
  expect(hasPassed(result)).toBe(true);
});
