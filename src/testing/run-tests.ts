import type { ConfigProblem } from '#api/problem.ts';
import type { Clock } from '#clock.ts';
import { readCases } from './read-cases.ts';
import { type CaseResult, runCase } from './run-case.ts';

export type FileResult =
  | { readonly file: string; readonly cases: readonly TimedResult[] }
  /** The file, or the configuration that it tests, cannot be used. */
  | { readonly file: string; readonly problems: readonly ConfigProblem[] };

export interface TimedResult extends CaseResult {
  readonly durationMs: number;
}

/** Runs every case of every file. `defaultConfig` is tested if a file names no configuration. */
export function runTests(
  files: readonly string[],
  defaultConfig: string,
  clock: Clock,
): FileResult[] {
  return files.map((file) => {
    const outcome = readCases(file, defaultConfig);
    if (!outcome.ok) return { file, problems: outcome.problems };
    const cases = outcome.cases.map((testCase) => {
      const startMs = clock.monotonic();
      const result = runCase(outcome.config, testCase);
      return { ...result, durationMs: clock.monotonic() - startMs };
    });
    return { file, cases };
  });
}

/** Returns whether the file could be used and all its cases hold. */
export function hasPassed(result: FileResult): boolean {
  return 'cases' in result && result.cases.every(({ failures }) => failures.length === 0);
}
