import { readCases } from '#testing/read-cases.ts';
import { runCase } from '#testing/run-case.ts';
import type { Outcome } from './measures.ts';

export const exampleNames = ['service-ha', 'ixp'] as const;

const rounds = 20;

/**
 * Measures the cost of a case of `fingerpost test`, over the cases of both examples: each is run repeatedly, and the
 * best round counts. CPU time of this process, all threads.
 */
export function measureCases(): Outcome {
  const measures = exampleNames.map((name) => [name, { msPerCase: msPerCase(name) }]);
  return { measures: Object.fromEntries(measures) };
}

function msPerCase(name: string): number {
  const outcome = readCases(`deploy/examples/tests/${name}.yaml`, '');
  if (!outcome.ok) throw new Error(`the cases of ${name} have an error`);
  const { cases, config } = outcome;
  const times = Array.from({ length: rounds }, () => {
    const start = process.cpuUsage();
    for (const one of cases) runCase(config, one);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return Math.min(...times) / cases.length;
}
