import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release } from 'node:os';
import { environment } from '#support/process.ts';
import type { Contender, Make } from './daemons/contender.ts';

/** Where the figures come from; figures of different machines cannot be compared. */
export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  /** The load of the machine before the run. */
  readonly loadAverage: number;
  readonly versions: Readonly<Partial<Record<Make, string>>>;
}

export function machine(contenders: readonly Contender[]): Machine {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: processors[0].model.trim(),
    cores: processors.length,
    kernel: release(),
    node: process.version,
    loadAverage: loadavg()[0],
    versions: Object.fromEntries(contenders.map((each) => [each.make, version(each)])),
  };
}

export function machineText(where: Machine): string {
  const { date, processor, cores, kernel, node, versions, loadAverage } = where;
  const daemons = Object.entries(versions).map(([make, text]) => `${make} ${text}`);
  return [
    `${date}, ${cores} × ${processor}, Linux ${kernel}, Node ${node}`,
    daemons.join(', '),
    ...(loadAverage < 1
      ? []
      : [`NOT QUIET: load average ${loadAverage.toFixed(1)} before the run`]),
  ].join('\n');
}

/** Returns the first number with a dot that the program prints, to stdout or stderr. */
function version({ program, versionArguments }: Contender): string {
  if (program === undefined) return '';
  try {
    const words = ['-c', '"$0" "$@" 2>&1', program, ...versionArguments];
    const text = execFileSync('sh', words, { env: environment, encoding: 'utf8' });
    return /\d+\.\d+(\.\d+)?/.exec(text)?.[0] ?? '';
  } catch {
    return '';
  }
}
