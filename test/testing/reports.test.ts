import { expect, it } from 'vitest';
import { reportText } from '#testing/reports.ts';
import type { FileResult } from '#testing/run-tests.ts';

const place = { file: 'a.yaml', line: 3, column: 5 };
const results: readonly FileResult[] = [
  {
    file: 'a.yaml',
    cases: [
      { name: 'good & <well>', place, failures: [], durationMs: 2 },
      {
        name: 'bad',
        place,
        durationMs: 1,
        failures: [
          {
            place: { ...place, line: 7 },
            subject: '::/0',
            differences: [{ what: 'best', expected: 'W1', actual: 'W<2>' }],
          },
        ],
      },
    ],
  },
  {
    file: 'b.yaml',
    problems: [{ file: 'b.yaml', line: 1, column: 2, message: 'cases is missing' }],
  },
];

it('TAP has a suite for each file and a test for each case', async () => {
  const lines = (await reportText('tap', results)).split('\n');
  expect(lines[0]).toBe('TAP version 13');
  expect(lines.filter((line) => /^ *(not )?ok /.test(line))).toEqual([
    '    ok 1 - good & <well>',
    '    not ok 2 - bad',
    'not ok 1 - a.yaml',
    '    not ok 1 - the file can be used',
    'not ok 2 - b.yaml',
  ]);
  expect(lines.join('\n')).toContain("error: 'a.yaml:7:5: ::/0: best: expected W1, got W<2>'");
});

it('JUnit has them too, with the special characters of XML escaped', async () => {
  const xml = await reportText('junit', results);
  expect(xml).toMatch(/<testsuite name="a.yaml" [^>]*tests="2" failures="1"/);
  expect(xml).toContain('<testcase name="good &amp; &lt;well>"');
  expect(xml).toContain('a.yaml:7:5: ::/0: best: expected W1, got W&lt;2>');
  expect(xml).toMatch(/<testsuite name="b.yaml" [^>]*failures="1"/);
});
