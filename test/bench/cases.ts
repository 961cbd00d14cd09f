import { readCases } from '#testing/read-cases.ts';
import { runCase } from '#testing/run-case.ts';

/**
 * What a case of `fingerpost test` costs, over the cases of both examples: each is run again and again, and the
 * best round counts. CPU time of the process, all threads.
 *
 *     npm run bench:cases [rounds]
 */
const [rounds = 20] = process.argv.slice(2).map(Number);

for (const name of ['service-ha', 'ixp']) {
  const outcome = readCases(`deploy/examples/tests/${name}.yaml`, '');
  if (!outcome.ok) throw new Error(`the cases of ${name} have an error`);
  const { cases, config } = outcome;
  const times = Array.from({ length: rounds }, () => {
    const start = process.cpuUsage();
    for (const one of cases) runCase(config, one);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  const perCase = Math.min(...times) / cases.length;
  const size = `${config.peers.length} peers, ${cases.length} cases`;
  console.log(`${name.padEnd(12)}${size.padEnd(22)}${perCase.toFixed(2).padStart(7)} ms a case`);
}
