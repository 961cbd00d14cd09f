import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runWith } from './bench.ts';

const folder = mkdtempSync(join(tmpdir(), 'fingerpost-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const prefix = '"2001:db8:30::1/128"';
const failing = join(folder, 'cases.yaml');
writeFileSync(
  failing,
  `config: ${join(import.meta.dirname, '../../deploy/examples/service-ha.yaml')}
cases:
  - name: it holds
    expect: [{ prefix: ${prefix}, best: none }]
  - name: it does not
    given: [{ peer: W1, announce: ${prefix}, med: 100 }]
    expect: [{ prefix: ${prefix}, best: W2 }]
`,
);

it('passing cases end with 0', async () => {
  const { status, out, err } = await runWith(['test', 'deploy/examples/tests/service-ha.yaml'], {});
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/\n {2}ok {6}each address .*\n[^]*\n\n\d+ cases passed\n$/);
});

it('a failing case says what was expected, what was found, and why, and ends with 1', async () => {
  const { status, out } = await runWith(['test', failing], {});
  expect(status).toBe(1);
  expect(out).toContain('  FAILED  it does not\n');
  expect(out).toContain(`${failing}:7:46: 2001:db8:30::1/128`);
  expect(out).toMatch(/best {2}expected {2}W2\n +got {7}W1\n/);
  expect(out).toContain('best is W1 (w1) via 2001:db8:6::11, MED 100');
  expect(out).toMatch(/1 case passed, 1 failed\n$/);
});

it('all forms of the report have the same result', async () => {
  const report = join(folder, 'report.xml');
  const { status, out } = await runWith(['test', '--tap', '--junit', report, failing], {});
  expect(status).toBe(1);
  expect(out).toMatch(/^TAP version 13\n/);
  expect(readFileSync(report, 'utf8')).toContain('tests="2" failures="1"');
  const json = await runWith(['test', failing, '--json'], {});
  expect(JSON.parse(json.out)).toMatchObject({ items: [{ file: failing, cases: [{}, {}] }] });
});

it('a report that cannot be written is an error', async () => {
  const { status, err } = await runWith(['test', '--junit', join(folder, 'no/r.xml'), failing], {});
  expect(status).toBe(1);
  expect(err).toContain('cannot be written: no such file');
});

it('a file with an error ends with 1 and its place is named', async () => {
  const file = join(folder, 'wrong.yaml');
  writeFileSync(file, 'cases: [{ nam: a }]\n');
  const { status, out } = await runWith(['test', '-c', failing, file], {});
  expect(status).toBe(1);
  expect(out).toContain(`${file}:1:11: nam: unknown key; did you mean name?`);
  expect(out).toMatch(/0 cases passed, 1 file with errors\n$/);
});
