import { join } from 'node:path';
import { allowedPrefixes } from './addresses.ts';
import type { Contender } from './daemons/contender.ts';
import { fingerpost } from './daemons/fingerpost.ts';
import { median } from './measures.ts';
import { fullLimitSec } from './plan.ts';
import { runOnce } from './run.ts';

/**
 * What the history costs: S1 with a service configured, in rounds that take turns without and with a `state_dir`.
 * The middle of all rounds counts.
 *
 *     npm run bench:history [rounds]
 */
const [rounds = 11] = process.argv.slice(2).map(Number);
const flips = 200;

/** Every prefix of the workload is an address of a service. */
function withService(hasHistory: boolean): Contender {
  const plain = fingerpost([]);
  return {
    ...plain,
    launch: (task) => {
      const { files, argv } = plain.launch(task);
      const { network, fromBits, toBits } = allowedPrefixes[task.family];
      const service = `services: [{ name: web, prefix: ["${network}{${fromBits},${toBits}}"] }]\n`;
      const state = hasHistory ? `state_dir: ${join(task.folder, 'state')}\n` : '';
      const name = 'fingerpost.yaml';
      return { argv, files: { ...files, [name]: files[name] + service + state } };
    },
  };
}

const kinds = [
  { name: 'history off', contender: withService(false), p50Us: [], p99Us: [], rssMb: [] },
  { name: 'history on', contender: withService(true), p50Us: [], p99Us: [], rssMb: [] },
] satisfies {
  name: string;
  contender: Contender;
  p50Us: number[];
  p99Us: number[];
  rssMb: number[];
}[];

for (let round = 0; round < rounds; round++) {
  for (const { contender, ...figures } of kinds) {
    const job = { workload: 'failover', size: { flips } } as const;
    const { measures } = await runOnce(contender, { job }, fullLimitSec);
    const lists: Readonly<Record<'p50Us' | 'p99Us' | 'rssMb', number[]>> = figures;
    lists.p50Us.push(measures.flips.p50Us);
    lists.p99Us.push(measures.flips.p99Us);
    lists.rssMb.push(measures.empty.rssMb);
  }
}
for (const { name, p50Us, p99Us, rssMb } of kinds) {
  console.log(
    `${name.padEnd(12)}p50${middle(p50Us)} us  p99${middle(p99Us)} us  memory${middle(rssMb)} MB`,
  );
}

function middle(list: readonly number[]): string {
  return median(list).toFixed(0).padStart(7);
}
