import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Network } from '#support/netns.ts';
import { pause, waitFor } from '#support/wait.ts';
import { processFigures } from './load/process-figures.ts';
import type { Figures, Outcome } from './measures.ts';

/**
 * A feature with a worker thread, and the lines that enable it in a configuration in this folder that has nothing
 * else.
 */
interface ThreadFeature {
  readonly name: string;
  readonly yaml: (folder: string) => string;
}

const node = 'name: W1, address: 127.0.1.1, peer_as: 65001, passive: true';

/** One line a feature. The thread of probes starts with the first route of a node, and is not here. */
export const threadFeatures: readonly ThreadFeature[] = [
  { name: 'BFD', yaml: () => `peers: [{ ${node}, bfd: true }]` },
  { name: 'history', yaml: () => 'state_dir: state' },
  { name: 'MRT', yaml: (folder) => `mrt: { updates: { directory: ${join(folder, 'mrt')} } }` },
];

const tries = 3;
const settleMs = 3000;

/** RSS of a daemon at rest with the feature, and how much more that is than without it; the least of several runs. */
export async function measureThreads(program: readonly string[]): Promise<Outcome> {
  const plain = await leastRssMb(program, () => '');
  const measures: Record<string, Figures> = {};
  for (const { name, yaml } of threadFeatures) {
    const rssMb = await leastRssMb(program, yaml);
    measures[name] = { rssMb, moreMb: rssMb - plain };
  }
  return { measures };
}

async function leastRssMb(
  program: readonly string[],
  yaml: ThreadFeature['yaml'],
): Promise<number> {
  const figures: number[] = [];
  for (let at = 0; at < tries; at++) figures.push(await rssMbOf(program, yaml));
  return Math.min(...figures);
}

async function rssMbOf(program: readonly string[], yaml: ThreadFeature['yaml']): Promise<number> {
  const network = new Network();
  try {
    const host = network.host('daemon');
    const file = join(host.folder, 'fp.yaml');
    writeFileSync(file, `${head}${yaml(host.folder)}\n`, { mode: 0o600 });
    const daemon = host.start('fingerpost', [...program, 'run', '-c', file]);
    const isReady = (): boolean => daemon.log.includes('(bgp)') || !daemon.isRunning;
    await waitFor(`the start of\n${daemon.report()}`, isReady, Boolean);
    await pause(settleMs);
    if (!daemon.isRunning) throw new Error(daemon.report());
    return processFigures([daemon.pid]).rssMb;
  } finally {
    await network.close();
  }
}

const head = `router_id: 9.9.9.9
local_as: 65002
listen: ['127.0.0.1:179']
control: { socket: control.sock }
`;
