import { parseArgs } from 'node:util';
import { Figures } from './figures.ts';
import { scenarios } from './scenarios.ts';

/** `npm run soak -- [--only flaps,load] [--size 0.1]` ends with status 1 if something does not hold. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, size: { type: 'string', default: '1' } },
  });
  const chosen = values.only?.split(',') ?? scenarios.map(({ name }) => name);
  for (const { name, claim, run } of scenarios.filter((row) => chosen.includes(row.name))) {
    print(`${name}: ${claim}`);
    const figures = new Figures({ judgesTime: true });
    await run(Number(values.size), figures);
    for (const [what, value] of figures.rows) print(`  ${what}: ${value}`);
    for (const fault of figures.faults) print(`  DOES NOT HOLD: ${fault}`);
    if (figures.faults.length > 0) process.exitCode = 1;
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

// The daemon of a scenario ends with this process, if that ends in an orderly way.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(1));
}
await main();
process.exit();
