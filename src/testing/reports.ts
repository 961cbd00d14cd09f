import { junit, tap } from 'node:test/reporters';
import { printable } from '#text/printable.ts';
import type { Failure } from './expectations.ts';
import { type FileResult, hasPassed, type TimedResult } from './run-tests.ts';

const reportFormats = { tap, junit } as const;
export type ReportFormat = keyof typeof reportFormats;

type TestEvent = Parameters<typeof tap>[0] extends AsyncGenerator<infer Event> ? Event : never;

/**
 * Returns the results as TAP 13 or JUnit XML, written by Node's reporters: a suite for each file, a test for
 * each case. A file that cannot be used is a failed test.
 */
export async function reportText(
  format: ReportFormat,
  results: readonly FileResult[],
): Promise<string> {
  let text = '';
  for await (const part of reportFormats[format](events(results))) text += part;
  return text;
}

async function* events(results: readonly FileResult[]): AsyncGenerator<TestEvent> {
  for (const [index, result] of results.entries()) {
    const { file } = result;
    const place = { file, line: 1, column: 1 };
    yield event('test:start', { name: file, nesting: 0, ...place });
    const tests = 'cases' in result ? result.cases.map(caseTest) : [problemsTest(result)];
    for (const [at, test] of tests.entries()) {
      yield event('test:start', { name: test.name, nesting: 1, ...test.place });
      yield ended(test, { nesting: 1, testNumber: at + 1 });
    }
    yield event('test:plan', { nesting: 1, count: tests.length, ...place });
    const failed = tests.filter(({ failure }) => failure !== undefined).length;
    const durationMs = tests.reduce((sum, test) => sum + test.durationMs, 0);
    const failure = hasPassed(result) ? {} : { failure: `${failed} of ${tests.length} failed` };
    const suite = { name: file, place, durationMs, ...failure };
    yield ended(suite, { nesting: 0, testNumber: index + 1 }, 'suite');
  }
  yield event('test:plan', { nesting: 0, count: results.length });
}

interface ReportedTest {
  readonly name: string;
  readonly place: { readonly file: string; readonly line: number; readonly column: number };
  readonly durationMs: number;
  readonly failure?: string;
}

function caseTest({ name, place, failures, durationMs }: TimedResult): ReportedTest {
  const failure = failures.length === 0 ? {} : { failure: failures.map(failureText).join('\n') };
  return { name: printable(name), place, durationMs, ...failure };
}

function problemsTest({
  file,
  problems,
}: Extract<FileResult, { problems: unknown }>): ReportedTest {
  const lines = problems.map(
    (problem) => `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`,
  );
  const place = { file, line: 1, column: 1 };
  return { name: 'the file can be used', place, durationMs: 0, failure: lines.join('\n') };
}

/** Returns `cases.yaml:9:11: 2001:db8:30::3/128: best: expected W1, got W3` for each difference. */
function failureText({ place: { file, line, column }, subject, differences }: Failure): string {
  return differences
    .map(
      ({ what, expected, actual }) =>
        `${file}:${line}:${column}: ${subject}: ${what}: expected ${expected}, got ${actual}`,
    )
    .join('\n');
}

function ended(
  { name, place, durationMs, failure }: ReportedTest,
  where: { readonly nesting: number; readonly testNumber: number },
  type: 'suite' | 'test' = 'test',
): TestEvent {
  const kind = failure === undefined ? 'test:pass' : 'test:fail';
  const error = failure === undefined ? {} : { error: new CaseFailure(failure) };
  const details = { duration_ms: durationMs, type, ...error };
  return event(kind, { name, ...where, ...place, details });
}

/** An error without a stack, because its stack would be that of this program. */
class CaseFailure extends Error {
  readonly code = 'ERR_TEST_FAILURE';
  readonly failureType = 'testCodeFailure';

  constructor(message: string) {
    super(message);
    this.stack = message;
  }
}

/** Makes an event for a reporter of Node, which reads far less of it than its type requires. */
function event(type: TestEvent['type'], data: object): TestEvent {
  return { type, data } as TestEvent;
}
